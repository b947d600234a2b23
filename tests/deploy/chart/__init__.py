"""The Helm chart, looked at from all sides: `python -m tests.deploy.chart`, in an environment with the group deploy."""

"""Alerts fire when they should and not otherwise, as promtool sees it, and each has its entry in the runbook."""

import re
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sabiscore.telemetry.families import OF_THE_SERVICE, OF_WORKERS

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "rules.yaml"

JANUARY, JULY = 13 * 24 * 60, 190 * 24 * 60
"""Minutes of 1970, where promtool's time begins."""

Series = dict[str, str]


def up(workers: int = 2, missing: int = 0) -> Series:
    return {
        'workers_up{instance="a"}': f"{workers}x5000",
        'metrics_workers_missing{instance="a"}': f"{missing}x5000",
    }


def traffic(minutes: int, *, late: float = 0, before: int = 0) -> Series:
    """1,000 predictions a minute, of which so many take too long; ``before`` that for a while none did."""
    good, slow = f"0+1000x{before}", f"{1000 * before}+{1000 - late}x{minutes}"
    labels = 'result="ok",route="predict",worker="0"'
    return up() | {
        f"prediction_latency_seconds_count{{{labels}}}": f"0+1000x{before + minutes}",
        f'prediction_latency_seconds_bucket{{{labels},le="0.1"}}': f"{good} {slow}" if before else slow,
    }


def asked(minutes: int, *, made: int) -> Series:
    """1,000 answers a minute, so many of them by the model."""
    return up() | {
        'cache_lookups_total{layer="body",result="hit"}': f"0+500x{minutes}",
        'cache_lookups_total{layer="memory",result="hit"}': f"0+250x{minutes}",
        'cache_lookups_total{layer="memory",result="miss"}': f"0+250x{minutes}",
        "model_rows_total": f"0+{made}x{minutes}",
    }


def constant(series: str, value: object, minutes: int = 400) -> Series:
    return up() | {series: f"{value}x{minutes}"}


def through(minute: int, days: int) -> Series:
    """The last match known was so many days before a minute."""
    return constant("bundle_data_through_timestamp_seconds", minute * 60 - days * 86_400, 5000)


def bundles(*versions: str) -> Series:
    return up() | {f'bundle_info{{version="{each}",worker="{n}"}}': "1x60" for n, each in enumerate(versions)}


FAST, SLOW = "SabiScoreBurnsBudgetFast", "SabiScoreBurnsBudgetSlowly"

FIRES: list[tuple[str, Series, int]] = [
    (FAST, traffic(70, late=20), 70),
    (FAST, traffic(420, late=8), 420),
    (SLOW, traffic(1500, late=4), 1500),
    (SLOW, traffic(4400, late=1.5), 4400),
    ("SabiScoreNotMeasured", {"something_else": "1x20"}, 10),
    ("SabiScoreWorkersMissing", up(1, missing=1), 5),
    (
        "SabiScoreWorkersDie",
        up() | {'worker_losses_total{instance="a",reason="died"}': "0x10 1x2 2x2 3x2 4x10"},
        20,
    ),
    ("SabiScoreBreakerOpen", constant("cache_circuit_open", 1), 10),
    ("SabiScoreHitRateLow", asked(60, made=600), 60),
    ("SabiScoreDataOld", through(JANUARY, 15), JANUARY),
    ("SabiScoreBundleRefused", constant("last_reload_successful", 0), 10),
    ("SabiScoreBundlesDiffer", bundles("a", "b"), 30),
    ("SabiScoreCalibrationAlarm", constant('record_alarm{question="calibration"}', 1), 90),
]

QUIET: list[tuple[str, Series, int]] = [
    (FAST, traffic(70, late=0.5), 70),
    (FAST, traffic(1, late=500, before=900), 901),  # an hour has too few
    (SLOW, traffic(4400, late=0.5), 4400),
    ("SabiScoreNotMeasured", up(), 10),
    ("SabiScoreWorkersMissing", up(2), 5),
    ("SabiScoreWorkersMissing", up() | {'metrics_workers_missing{instance="a"}': "0x3 1 0x20"}, 10),
    ("SabiScoreWorkersDie", up() | {'worker_losses_total{instance="a",reason="died"}': "0x10 1x20"}, 20),
    ("SabiScoreBreakerOpen", up() | {"cache_circuit_open": "0x3 1x3 0x20"}, 10),
    ("SabiScoreHitRateLow", asked(60, made=250), 60),
    (
        "SabiScoreHitRateLow",
        {name: each.replace("+", "+0.0") for name, each in asked(60, made=600).items()},
        60,
    ),
    ("SabiScoreDataOld", through(JANUARY, 13), JANUARY),
    ("SabiScoreDataOld", through(JULY, 40), JULY),
    ("SabiScoreBundleRefused", constant("last_reload_successful", 1), 10),
    ("SabiScoreBundlesDiffer", bundles("a", "a"), 30),
    ("SabiScoreCalibrationAlarm", constant('record_alarm{question="calibration"}', 0), 90),
]


def named(cases: list[tuple[str, Series, int]]) -> list[Any]:
    return [pytest.param(*case, id=f"{case[0]}-{n}") for n, case in enumerate(cases)]


def alerts() -> dict[str, dict[str, Any]]:
    rules = msgspec.yaml.decode(RULES.read_bytes())
    return {rule["alert"]: rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule}


def fired(directory: Path, series: Series, minute: int, alert: str | None) -> None:
    """Have promtool say whether ``alert`` and no other fires then."""
    inhibited = SLOW if alert == FAST else ""
    step = "1m" if minute < JANUARY else "1h" if minute < JULY else "12h"
    whole = {
        "rule_files": [str(RULES)],
        "group_eval_order": [group["name"] for group in msgspec.yaml.decode(RULES.read_bytes())["groups"]],
        "evaluation_interval": "10m" if 1000 < minute < JANUARY else step,
        "tests": [
            {
                "interval": step,
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": [
                    {
                        "expr": "count by (alertname) "
                        f'(ALERTS{{alertstate="firing",alertname!="{inhibited}"}})',
                        "eval_time": f"{minute}m",
                        "exp_samples": [{"labels": f'{{alertname="{alert}"}}', "value": 1}] if alert else [],
                    }
                ],
            }
        ],
    }
    file = directory / "test.yaml"
    file.write_bytes(msgspec.yaml.encode(whole))
    told = subprocess.run(  # noqa: S603
        ["promtool", "test", "rules", str(file)],  # noqa: S607 - Debian's
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.prometheus
class TestAnAlert:
    @pytest.mark.parametrize(("alert", "series", "minute"), named(FIRES))
    def test_fires_alone(self, alert: str, series: Series, minute: int, tmp_path: Path) -> None:
        fired(tmp_path, series, minute, alert)

    @pytest.mark.parametrize(("alert", "series", "minute"), named(QUIET))
    def test_does_not_fire_otherwise(self, alert: str, series: Series, minute: int, tmp_path: Path) -> None:
        assert alert in alerts()
        fired(tmp_path, series, minute, None)


class TestAlerts:
    def test_are_all_tested_both_ways(self) -> None:
        assert {case[0] for case in FIRES} == {case[0] for case in QUIET} == alerts().keys()

    def test_have_an_entry_in_the_runbook_that_they_link_to(self) -> None:
        page = (DEPLOY / "RUNBOOK.md").read_text(encoding="utf-8")
        entries = re.findall(
            r"^## (\w+)\n\n`(\w+)`\. .+?\*\*Look at\*\*.+?\*\*Do", page, re.DOTALL | re.MULTILINE
        )
        assert dict(entries) == {name: rule["labels"]["severity"] for name, rule in alerts().items()}
        for name, rule in alerts().items():
            assert rule["annotations"]["runbook_url"] == f"deploy/RUNBOOK.md#{name.lower()}"

    def test_ask_only_for_what_is_measured_or_recorded(self) -> None:
        text = RULES.read_text(encoding="utf-8")
        known = {each.name for each in (*OF_WORKERS, *OF_THE_SERVICE)} | {
            "workers_up",
            "metrics_workers_missing",
        }
        recorded = {*re.findall(r"record: (\S+)", text)}
        asked_for = {*re.findall(r"\b((?:sabiscore:)?[a-z]+_[a-z_:\d]*\w)(?=[{\[) ])", text)}
        stripped = {
            re.sub(r"(_seconds)?(_total|_bucket|_count)?$", "", each) for each in asked_for - recorded
        }
        assert stripped - known - {"clamp_max"} == set()


@pytest.mark.prometheus
class TestConfigurations:
    @pytest.mark.parametrize(
        "command",
        [
            ["promtool", "check", "config", "prometheus.yml"],
            ["amtool", "check-config", "alertmanager.yml"],
        ],
        ids=["prometheus", "alertmanager"],
    )
    def test_are_what_their_programs_read(self, command: list[str]) -> None:
        told = subprocess.run(command, cwd=DEPLOY, capture_output=True, text=True, check=False)  # noqa: S603
        assert told.returncode == 0, told.stdout + told.stderr

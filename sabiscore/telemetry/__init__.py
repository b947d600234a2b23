"""OpenTelemetry providers, instruments, exposition."""

"""Border: a config that cannot be used, as one error."""

from __future__ import annotations

from ..models import Problem, Refusal


class ConfigError(Refusal):
    """The config cannot be used: `problems` are all that were found, in the order of the file."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems

    def told(self, *, colour: bool = False) -> str:
        """Each problem with its line of the file, then their number."""
        from .problems import describe  # noqa: PLC0415 - for its patterns, which few need

        count = f"{len(self.problems)} {'problem' if len(self.problems) == 1 else 'problems'}"
        described = "\n".join(describe(problem, colour) for problem in self.problems)
        return f"{described}\nmonitor: {count} in the config; nothing was done"

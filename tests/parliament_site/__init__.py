"""Parliament's JSON interfaces on this machine: questions, statements, committees' publications, Hansard.

with ParliamentSite() as site:
    asked = site.add(Question(1700001, "24601", date(2026, 2, 9), "Exports: China", "To ask …"))
    site.answer_question(asked, date(2026, 2, 12), "<p>We continue to …</p>")
    fetch(site.url("/api/writtenquestions/questions?searchTerm=China&tabledWhenFrom=2026-02-01&take=50"))

One server plays the three hosts, as their paths differ. Written after the definitions that they publish
(questions-statements-api.parliament.uk and committees-api.parliament.uk at `/swagger/v1/swagger.json`,
hansard-api.parliament.uk at `/swagger/docs/v1`) and after answers recorded in public repositories.
"""

from .entries import Contribution, Publication, Question, Statement
from .server import ParliamentSite

__all__ = ["Contribution", "ParliamentSite", "Publication", "Question", "Statement"]

"""Which XML library documents are read with."""

from __future__ import annotations

import pytest

from monitor.sandbox import OldExpat, check_expat


@pytest.mark.parametrize("version", ["expat_2.4.0", "expat_2.2.10", "expat_1.95.8"])
def test_an_xml_library_without_a_limit_on_entities_is_refused_with_what_to_do(version: str) -> None:
    with pytest.raises(OldExpat, match=r"expat 2\.4\.1 or newer is needed: use a newer Python"):
        check_expat(version)


@pytest.mark.parametrize("version", ["expat_2.4.1", "expat_2.10.0", "expat_3.0"])
def test_a_newer_one_is_not(version: str) -> None:
    check_expat(version)


def test_neither_is_the_one_that_this_python_has() -> None:
    check_expat()

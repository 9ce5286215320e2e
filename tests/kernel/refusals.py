"""How tests of the kernel ask what was refused."""

from collections.abc import Callable

import pytest

from comity.kernel.errors import Refusal


def refuses(rule: str, call: Callable[[], object]) -> None:
    """Require that `call` raises a refusal by `rule`."""
    with pytest.raises(Refusal) as caught:
        call()
    assert caught.value.rule == rule


def rule_of(call: Callable[[], object]) -> str | None:
    """Return the rule by which `call` refuses, or None; anything else it raises goes through."""
    try:
        call()
    except Refusal as refusal:
        return refusal.rule
    return None


def flip(data: bytes, bit: int) -> bytes:
    """Return `data` with one bit changed."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)

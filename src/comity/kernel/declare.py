"""One frozen type per act kind: the declaration that everything else about a kind is made from.

::

    @declare("ask", label="Ask for help", caption="{by} asked {to}: {verb}")
    class Ask(Coded):
        to: PartyId = coded(Party(), "Whom you ask")
        verb: str = coded(Code(VERBS), "What you ask for")
        due: int | None = coded(Instant(), "Answer by", default=None)

Attributes are the coded fields of the body, of a charter its terms; a field with ``default=None``
may be left out. Content is declared beside them and has no attribute: guards and facts are given
this type, so that they cannot read what may be absent. A trailing underscore keeps a field's name
apart from a word of Python: ``as_`` is the field ``as``.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast, dataclass_transform, overload

from comity.kernel.protocol import ActKind, Field, Files, Refs, When, coded_fields

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from comity.kernel.act import Header
    from comity.kernel.canon import Object
    from comity.kernel.fieldtypes import FieldType

T = TypeVar("T")
C = TypeVar("C", bound="Coded")


class Coded:
    """The coded fields of one act, typed. ``KIND`` is the declaration made from the type."""

    __slots__ = ()
    KIND: ClassVar[ActKind]
    NAMES: ClassVar[tuple[tuple[str, str], ...]]
    """(attribute, field) names; they differ where Python has the word for itself."""

    if TYPE_CHECKING:

        def __init__(self, **fields: object) -> None: ...

    @classmethod
    def of(cls, header: Header) -> Self:
        """Return the fields in a header of this kind. Raises Void D0 when not as declared."""
        cls.KIND.read(coded_fields(header))
        return cls.checked(header)

    @classmethod
    def checked(cls, header: Header) -> Self:
        """As ``of``, for an act whose fields were held against the declaration before."""
        values = coded_fields(header)
        return cls(**{a: values[n] for a, n in cls.NAMES if n in values})

    def to_body(self) -> Object:
        """Return the body that says this; fields left out are omitted."""
        pairs = ((name, getattr(self, attribute)) for attribute, name in self.NAMES)
        return {name: value for name, value in pairs if value is not None}


@overload
def coded(type_: FieldType[T], label: str, help_: str = ...) -> T: ...
@overload
def coded(
    type_: FieldType[T],
    label: str,
    help_: str = ...,
    *,
    default: None,
    when: tuple[str, tuple[str, ...]] | None = ...,
) -> T | None: ...
def coded(
    type_: FieldType[object],
    label: str,
    help_: str = "",
    *,
    default: object = dataclasses.MISSING,
    when: tuple[str, tuple[str, ...]] | None = None,
) -> object:
    """Declare a coded field: its type, its label and help, English source strings.

    ``default=None`` lets it be left out; ``when=("result", ("cannot",))`` wants it exactly when
    the field ``result`` is ``cannot``, and needs ``default=None`` too.
    """
    required = default is dataclasses.MISSING
    made = Field("", type_, label, help_, required, None if when is None else When(*when))
    metadata = {"coded": made}
    if required:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(coded,))
def declare(
    kind: str,
    *,
    label: str,
    caption: str,
    help: str = "",  # noqa: A002  the word that Field and ActKind use
    content: tuple[Field, ...] = (),
    refs: Refs | None = None,
    timed: bool = False,
    files: Files = Files.NONE,
    batch: bool = False,
) -> Callable[[type[C]], type[C]]:
    """Make a class the frozen type of an act kind; ``ActKind`` explains the arguments."""

    def decorate(cls: type[C]) -> type[C]:
        frozen = cast("type[C]", dataclasses.dataclass(frozen=True, slots=True, kw_only=True)(cls))
        body = tuple(
            dataclasses.replace(f.metadata["coded"], name=f.name.rstrip("_"))
            for f in dataclasses.fields(frozen)  # type: ignore[arg-type]
        )
        frozen.NAMES = tuple((f.name, f.name.rstrip("_")) for f in dataclasses.fields(frozen))  # type: ignore[arg-type]
        frozen.KIND = ActKind(
            kind=kind,
            label=label,
            caption=caption,
            body=body,
            content=content,
            refs=refs,
            timed=timed,
            files=files,
            batch=batch,
            help=help,
        )
        return frozen

    return decorate


def reader(*types: type[Coded]) -> Callable[[Header], Coded | None]:
    """Return a function that reads the header of an act into one of ``types`` by its kind.

    It returns None for other kinds. Guards and facts match on what it returns; the act's fields
    were checked (D0) before any of them is asked, so they are not checked again.
    """
    by_kind = {type_.KIND.kind: type_ for type_ in types}
    last: tuple[Header, Coded | None] | None = None

    def read(header: Header) -> Coded | None:
        # All guards and the facts ask about one act in turn. One assignment, so that threads that
        # read different acts at the same time never take one's fields for the other's.
        nonlocal last
        held = last
        if held is None or held[0] is not header:
            type_ = by_kind.get(header.kind)
            held = last = (header, None if type_ is None else type_.checked(header))
        return held[1]

    return read

"""The rules of the house that import-linter cannot say, as checks over a source tree.

Each check takes the root of the package and yields one sentence per violation, so that it can be
run over the real tree, where it must find nothing, and over a planted one, where it must find.
A folder that does not exist yet breaks no rule.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

Check = Callable[[Path], Iterator[str]]

# What a pure layer may import at all. `datetime` for its types; its clock is refused below.
PURE_STDLIB = {
    "__future__",
    "abc",
    "base64",
    "binascii",
    "bisect",
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "hmac",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "string",
    "struct",
    "textwrap",
    "types",
    "typing",
    "unicodedata",
}
KERNEL_PACKAGES = {"cryptography", "nacl", "orjson"}
# Finding the protocols means reading the folder they are in.
DISCOVERY = {"importlib", "pkgutil"}
PURE_LAYERS = ("kernel", "protocols", "engines", "bridges")
# The one place in a pure layer that may draw randomness: HPKE draws its own when it seals.
SEAL = "kernel/seal.py"
# Calls that read a clock or draw chance, by the end of their name.
IMPURE_CALL = re.compile(
    r"(?i)(\b(clock|date|datetime|timezone)\.(now|today|utcnow)|urandom|randombytes\w*|key\.generate)$"
)
# Calls that change rows.
WRITES = {"bulk_create", "create", "delete", "get_or_create", "save", "update", "update_or_create"}
# Rows that are written once and never changed; the store's models file names their classes.
LEDGER = {"Leaf", "Statement"}
LONGEST_FILE = 500


@dataclass(frozen=True)
class Source:
    """One parsed file: `path` from the package root, `module` parts without the package's name."""

    path: str
    tree: ast.Module

    @property
    def parts(self) -> tuple[str, ...]:
        """The path's folders and the file's name without `.py`."""
        return tuple(self.path.removesuffix(".py").split("/"))


def sources(root: Path, *layers: str) -> Iterator[Source]:
    """Every Python file below the named layers; of the whole package when none is named."""
    for folder in [root / layer for layer in layers] or [root]:
        for file in sorted(folder.rglob("*.py")):
            yield Source(file.relative_to(root).as_posix(), ast.parse(file.read_bytes()))


def imports(source: Source) -> Iterator[str]:
    """Every module a file imports, anywhere in it, with the names imported from it appended."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(source: Source) -> Iterator[tuple[int, str]]:
    """Every call by a dotted name, as (line, name)."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def is_within(module: str, *packages: str) -> bool:
    """Whether a module is one of the packages or below one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def kernel_imports_only_what_it_may(root: Path) -> Iterator[str]:
    """Stdlib that is pure, three libraries, and itself."""
    for source in sources(root, "kernel"):
        for module in imports(source):
            if not is_within(module, "comity.kernel", *PURE_STDLIB, *KERNEL_PACKAGES):
                yield f"{source.path} imports {module}"


def protocols_import_only_kernel_and_themselves(root: Path) -> Iterator[str]:
    """A protocol knows the kernel and its own folder; its pages may know Django too."""
    for source in sources(root, "protocols"):
        pillar, *rest = source.parts[1:]
        allowed = ["comity.kernel", *PURE_STDLIB]
        if pillar.startswith("_"):
            allowed += [f"comity.protocols.{pillar}"] if rest else [*DISCOVERY, "comity.protocols"]
        elif len(rest) > 1:
            allowed += [f"comity.protocols.{pillar}.{rest[0]}"]
            allowed += ["django"] if rest[1] == "ui" else []
        for module in imports(source):
            if not is_within(module, *allowed):
                yield f"{source.path} imports {module}"


def pure_layers_read_no_clock_and_draw_no_chance(root: Path) -> Iterator[str]:
    """Time and chance come in as arguments."""
    for source in sources(root, *PURE_LAYERS):
        if source.path == SEAL:
            continue
        for line, name in calls(source):
            if IMPURE_CALL.search(name):
                yield f"{source.path}:{line} calls {name}"


def hpke_is_used_in_one_place(root: Path) -> Iterator[str]:
    """HPKE draws its own randomness, so it stays where that is known."""
    for source in sources(root):
        for module in imports(source):
            if "hpke" in module.split(".") and source.path != SEAL:
                yield f"{source.path} imports {module}"


def models_are_known_in_the_store_alone(root: Path) -> Iterator[str]:
    """Who reads or writes goes through the store's functions, never to its tables."""
    for source in sources(root):
        if source.path.startswith("store/"):
            continue
        for module in imports(source):
            if is_within(module, "comity.store.models"):
                yield f"{source.path} imports {module}"


def sql_is_written_in_the_store_alone(root: Path) -> Iterator[str]:
    """A cursor outside the store would be a second door."""
    for source in sources(root):
        if source.path.startswith("store/"):
            continue
        for module in imports(source):
            if is_within(module, "sqlite3", "psycopg", "django.db.connection"):
                yield f"{source.path} imports {module}"
        for line, name in calls(source):
            if name.endswith((".cursor", ".objects.raw")):
                yield f"{source.path}:{line} calls {name}"


def append_is_the_only_writer(root: Path) -> Iterator[str]:
    """What has been logged is inserted in one file and changed in none."""
    for source in sources(root, "store"):
        if source.path.startswith(("store/append.py", "store/migrations/")):
            continue
        for line, name in calls(source):
            model, *_, last = name.split(".")
            if model in LEDGER and last.partition("(")[0] in WRITES:
                yield f"{source.path}:{line} calls {name}"


def ledger_names_real_models(root: Path) -> Iterator[str]:
    """The rule above must not lapse because a class was renamed."""
    models = root / "store" / "models.py"
    if models.exists():
        tree = ast.parse(models.read_bytes())
        known = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        yield from (f"store/models.py has no class {name}" for name in sorted(LEDGER - known))


def outgoing_http_has_one_client(root: Path) -> Iterator[str]:
    """One file pins the address that was checked; a second client would not."""
    users = {
        source.path
        for source in sources(root)
        for module in imports(source)
        if is_within(module, "urllib3", "http.client", "urllib.request", "requests", "httpx")
    }
    if len(users) > 1:
        yield f"outgoing HTTP in {', '.join(sorted(users))}"


def files_can_be_read_in_one_sitting(root: Path) -> Iterator[str]:
    """A file past this length holds two ideas."""
    for file in sorted(root.rglob("*.py")):
        length = len(file.read_text(encoding="utf-8").splitlines())
        if length > LONGEST_FILE and "migrations" not in file.parts:
            yield f"{file.relative_to(root).as_posix()} has {length} lines"


CHECKS: list[Check] = [
    kernel_imports_only_what_it_may,
    protocols_import_only_kernel_and_themselves,
    pure_layers_read_no_clock_and_draw_no_chance,
    hpke_is_used_in_one_place,
    models_are_known_in_the_store_alone,
    sql_is_written_in_the_store_alone,
    append_is_the_only_writer,
    ledger_names_real_models,
    outgoing_http_has_one_client,
    files_can_be_read_in_one_sitting,
]

assert sys.stdlib_module_names >= PURE_STDLIB

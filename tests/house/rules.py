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
    "ipaddress",
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
# The one place that imports by name: finding the protocols in the package it is given.
DISCOVERY = "kernel/protocol.py"
DISCOVERY_IMPORTS = {"importlib", "pkgutil"}
PURE_LAYERS = ("kernel", "protocols", "engines", "bridges")
# The one place in a pure layer that may draw randomness: HPKE draws its own when it seals.
SEAL = "kernel/seal.py"
# Calls that read a clock or draw chance, by the end of their name.
IMPURE_CALL = re.compile(
    r"(?i)(\b(clock|date|datetime|timezone)\.(now|today|utcnow)|urandom|randombytes\w*|key\.generate)$"
)
# What changes rows, in SQL and by Django's querysets; tables are named `store_…`.
SQL = re.compile(r"\b(FROM|INTO|JOIN|UPDATE)\s+store_[a-z]+")
SQL_WRITE = re.compile(r"\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+store_[a-z]+")
ORM_WRITE = re.compile(
    r"^[A-Z]\w*\.objects\b.*\.(a?(bulk_)?(create|update)|a?(get|update)_or_create|a?delete)$"
)
WRITERS = ("store/append.py", "store/append/", "store/migrations/")
# Rows that are written once and never changed, by class of store/models.py.
LEDGER = ("Leaf", "Statement", "Subtree")
SQL_CHANGE = re.compile(rf"(?i)\b(UPDATE|DELETE\s+FROM)\s+store_({'|'.join(LEDGER)})\b")
ORM_CHANGE = re.compile(rf"^({'|'.join(LEDGER)})\.objects\b.*\.(a?(bulk_)?update|a?delete)$")
# Who knows these can say what went wrong, and open nothing.
ERRORS_OF_A_CLIENT = ("urllib3.exceptions", "urllib3.util.ssl_match_hostname")
# Who writes a table only of names that are made by rule, and of times.
TABLES_OF_NAMES = "bridges/csaf/provider.py"
# What parses XML, or documents that hold some.
XML = ("xml", "lxml", "defusedxml", "xmltodict", "bs4", "html5lib", "pyexpat")
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


def texts(source: Source) -> Iterator[tuple[int, str]]:
    """Every string in a file, as (line, text)."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def matches(source: Source, in_text: re.Pattern[str], in_call: re.Pattern[str]) -> Iterator[str]:
    """Where a string or a call of a file matches."""
    for line, text in texts(source):
        if found := in_text.search(text):
            yield f"{source.path}:{line} says {found[0]}"
    for line, name in calls(source):
        if in_call.search(name):
            yield f"{source.path}:{line} calls {name}"


def is_within(module: str, *packages: str) -> bool:
    """Whether a module is one of the packages or below one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def kernel_imports_only_what_it_may(root: Path) -> Iterator[str]:
    """Stdlib that is pure, three libraries, and itself."""
    for source in sources(root, "kernel"):
        allowed = {"comity.kernel", *PURE_STDLIB, *KERNEL_PACKAGES}
        allowed |= DISCOVERY_IMPORTS if source.path == DISCOVERY else set()
        for module in imports(source):
            if not is_within(module, *allowed):
                yield f"{source.path} imports {module}"


def protocols_import_only_kernel_and_themselves(root: Path) -> Iterator[str]:
    """A protocol knows the kernel, shared codes, and its own folder; its pages may know Django."""
    for source in sources(root, "protocols"):
        pillar, *rest = source.parts[1:]
        allowed = ["comity.kernel", "comity.protocols._vocabulary", *PURE_STDLIB]
        if pillar.startswith("_"):
            allowed += [f"comity.protocols.{pillar}"]
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
        yield from matches(source, SQL, re.compile(r"\.(cursor|objects\.raw)$"))


def append_is_the_only_writer(root: Path) -> Iterator[str]:
    """Rows are written in one place, where one can see which changes share a transaction."""
    for source in sources(root, "store"):
        if not source.path.startswith(WRITERS):
            yield from matches(source, SQL_WRITE, ORM_WRITE)


def what_is_logged_never_changes(root: Path) -> Iterator[str]:
    """What the log commits to is inserted once, and no statement updates or deletes it."""
    for source in sources(root, "store"):
        yield from matches(source, SQL_CHANGE, ORM_CHANGE)


def ledger_names_real_models(root: Path) -> Iterator[str]:
    """The rule above must not lapse because a class was renamed."""
    models = root / "store" / "models.py"
    if models.exists():
        tree = ast.parse(models.read_bytes())
        known = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        yield from (f"store/models.py has no class {name}" for name in LEDGER if name not in known)


def outgoing_http_has_one_client(root: Path) -> Iterator[str]:
    """One file pins the address that was checked; a second client would not."""
    users = {
        source.path
        for source in sources(root)
        for module in imports(source)
        if is_within(module, "urllib3", "http.client", "urllib.request", "requests", "httpx")
        and not is_within(module, *ERRORS_OF_A_CLIENT)
    }
    if len(users) > 1:
        yield f"outgoing HTTP in {', '.join(sorted(users))}"


def tables_hide_formulas(root: Path) -> Iterator[str]:
    """Who writes a table hides from spreadsheets what they would run."""
    for source in sources(root):
        writes = any(name == "csv.writer" for _, name in calls(source))
        hides = any(is_within(module, "comity.bridges.cells") for module in imports(source))
        if writes and not hides and source.path != TABLES_OF_NAMES:
            yield f"{source.path} writes a table and hides no formula"


def no_xml_is_read(root: Path) -> Iterator[str]:
    """XML is written here and there and never parsed, so that no entity in it is ever looked up."""
    for source in sources(root):
        for module in imports(source):
            if is_within(module, *XML):
                yield f"{source.path} imports {module}"
        knows_docx = any(is_within(module, "docx") for module in imports(source))
        for node in ast.walk(source.tree) if knows_docx else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Document"):
                yield from [f"{source.path}:{node.lineno} opens a document"][: len(node.args)]


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
    what_is_logged_never_changes,
    ledger_names_real_models,
    outgoing_http_has_one_client,
    tables_hide_formulas,
    no_xml_is_read,
    files_can_be_read_in_one_sitting,
]

assert sys.stdlib_module_names >= PURE_STDLIB

"""The documents agree with the code, with each other and with the promises they make."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from comity.bridges.taxii.query import MOST_VALUES
from comity.edge.taxii import routes
from comity.edge.taxii.answers import FORBIDDEN, LATER, STATUS, UNFIT
from comity.edge.taxii.endpoints import MAX_CONTENT_LENGTH, PAGE, PAGE_BYTES
from comity.edge.wire.app import DOORS
from comity.kernel.cover import CoverKind

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
)
LOCKS = ["requirements/run.txt", "requirements/build.txt", "requirements/dev.txt"]

# Hosts of package registries: who installs chooses the index, so no file may name one.
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.org|crates\.io/api|deb\.debian\.org|proxy\.golang\.org"
)
# Paths that exist on somebody's machine only; documented system paths are fine.
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|home|root|Users)/\w")


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def tracked() -> list[str]:
    """The files that would be committed; of an unpacked release, without git, all files."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=False
    ).stdout.split("\n")
    return [name for name in listed if name and (ROOT / name).is_file()]


def make_targets() -> dict[str, str]:
    """Every target that `make help` shows, with what it says."""
    return dict(re.findall(r"^([a-z-]+):.*?## (.+)$", read("Makefile"), re.MULTILINE))


def project() -> dict[str, object]:
    return tomllib.loads(read("pyproject.toml"))


def without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, by the common rule: lower case, hyphens, no punctuation."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_command_in_the_readme_exists() -> None:
    commands = set(re.findall(r"\bmake ([a-z-]+)", read("README.md")))
    assert {"demo", "test"} <= commands
    assert commands <= set(make_targets())


@pytest.mark.parametrize("page", PAGES)
def test_every_make_command_in_a_page_exists(page: str) -> None:
    named = set(re.findall(r"`make ([a-z-]+)[^`]*`", read(page)))
    assert named <= set(make_targets())


def test_every_target_says_what_it_is_for() -> None:
    rules = set(re.findall(r"^([a-z-]+):(?!=)", read("Makefile"), re.MULTILINE))
    assert rules == set(make_targets())


def test_every_target_is_documented() -> None:
    page = read("docs/howto/develop.md")
    assert {target for target in make_targets() if f"`make {target}`" not in page} == set()


def test_the_checks_of_a_server_are_the_command_of_the_readme() -> None:
    script = read(".ci/run")
    assert script.rstrip().endswith("exec make check")
    assert "export COMITY_PICTURES=" in script
    assert "/.pictures/" in read(".gitignore")


def test_every_decision_is_in_the_index() -> None:
    files = {page.name for page in (ROOT / "docs" / "adr").glob("[0-9]*.md")}
    listed = set(re.findall(r"\]\(([0-9][^)]+)\)", read("docs/adr/index.md")))
    assert listed == files


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/adr/0")])
def test_a_decision_is_one_page_of_three_parts(page: str) -> None:
    text = read(page)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= 60


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, ahead = set[Path](), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        ahead += [target for target, _ in links(page)]
    assert {ROOT / page for page in PAGES} - reached == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for target, anchor in links(ROOT / page):
        assert target.exists(), f"{page} links to {target}"
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), anchor


def links(page: Path) -> list[tuple[Path, str]]:
    """The files that a page links to, with the anchors in them; not links to the web."""
    found = re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text(encoding="utf-8")))
    inner = [link.partition("#") for link in found if "://" not in link]
    return [((page.parent / path).resolve() if path else page, anchor) for path, _, anchor in inner]


def test_every_promise_names_a_test_that_exists() -> None:
    table = read("THREAT_MODEL.md").partition("## Promises")[2].partition("\n## ")[0]
    rows = [row for row in table.splitlines() if re.match(r"\| P\d+ ", row)]
    assert rows
    for row in rows:
        cells = [cell.strip() for cell in row.strip("| ").split(" | ")]
        assert len(cells) == 5, row
        assert all(cells), row
        require_tests(cells[-1])


def test_every_hostile_input_has_an_outcome_and_tests_that_exist() -> None:
    page = read("docs/reference/hostile-inputs.md")
    rows = [row for row in page.splitlines() if row.startswith("| ")]
    headings = [row for row in rows if row.endswith(" shown by |")]
    assert len(headings) == page.count("\n## ") == 4
    inputs = [row for row in rows if row not in headings]
    assert inputs
    for row in inputs:
        cells = [cell.strip() for cell in row.strip("| ").split(" | ")]
        assert len(cells) == 3, row
        assert all(cells), row
        assert cells[1].endswith("."), row
        require_tests(cells[-1])


def require_tests(cell: str) -> None:
    """Demand that a cell names tests, and that each is there."""
    for node in re.findall(r"`([^`]+)`", cell) or [""]:
        file, _, function = node.partition("::")
        assert (ROOT / file).is_file(), node
        assert function in functions(file), node


def functions(file: str) -> set[str]:
    """The functions of a file; those of a class as `Class::function`."""
    tree = ast.parse(read(file))
    inner = [
        (node.name, part)
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for part in node.body
    ]
    of_classes = {
        f"{name}::{part.name}" for name, part in inner if isinstance(part, ast.FunctionDef)
    }
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} | of_classes


def test_promises_are_numbered_once() -> None:
    numbers = re.findall(r"^\| P(\d+) ", read("THREAT_MODEL.md"), re.MULTILINE)
    assert [int(number) for number in numbers] == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("page", ["README.md", "THREAT_MODEL.md"])
def test_it_says_that_it_is_not_for_classified_information(page: str) -> None:
    text = " ".join(read(page).lower().replace("*", "").split())
    assert "not for classified information" in text


def test_the_warning_stands_in_the_first_lines_of_the_readme() -> None:
    assert "not for classified information" in "\n".join(read("README.md").splitlines()[:8])


def test_the_pictures_are_our_own_and_load_nothing() -> None:
    for picture in (ROOT / "docs").rglob("*.svg"):
        text = picture.read_text(encoding="utf-8")
        ET.fromstring(text)
        assert "href" not in text
        assert "<title" in text


def test_the_pictures_of_pages_are_small_and_shown_with_words() -> None:
    folder = ROOT / "docs" / "pictures"
    shown = dict(re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", read("docs/pictures/index.md")))
    assert set(shown.values()) == {picture.name for picture in folder.glob("*.png")}
    assert all(len(words.split()) > 10 for words in shown)
    assert all((folder / name).stat().st_size < 120 * 1024 for name in shown.values())


def test_every_dependency_says_why() -> None:
    lists = dict(
        re.findall(r"^(\w+) = \[\n(.*?)^\]", read("pyproject.toml"), re.MULTILINE | re.DOTALL)
    )
    for name in ("requires", "dependencies", "postgres", "build", "dev"):
        for line in lists[name].splitlines():
            assert re.fullmatch(r' *"[^"]+", *# [A-Z].*[.]', line), f"{name}: {line}"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_locked_by_hash(lock: str) -> None:
    requirements = re.split(r"\n(?=\S)", read(lock).replace("\\\n", " ").strip())
    assert requirements
    for requirement in requirements:
        assert re.match(r"[a-z0-9._-]+(\[[a-z0-9, _-]+\])?==\S+", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


def test_every_dependency_is_locked() -> None:
    facts = project()["project"]
    assert isinstance(facts, dict)
    for wanted in facts["dependencies"]:
        name = re.split(r"[<>=\[]", wanted)[0].lower()
        for lock in ("requirements/run.txt", "requirements/dev.txt"):
            pinned = re.compile(rf"^{name}(\[[a-z0-9, _-]+\])?==", re.MULTILINE)
            assert pinned.search(read(lock)), f"{name} is not in {lock}; run make lock"


def test_the_locks_agree() -> None:
    pins = {
        lock: set(re.findall(r"^([a-z0-9._-]+)==(\S+)", read(lock), re.MULTILINE)) for lock in LOCKS
    }
    for lock in LOCKS:
        assert pins[lock] <= pins["requirements/dev.txt"], f"{lock} differs; run make lock"


@pytest.mark.parametrize(
    ("what", "pattern"),
    [("a registry", REGISTRY), ("a machine's path", MACHINE_PATH)],
)
def test_no_file_names(what: str, pattern: re.Pattern[str]) -> None:
    this = Path(__file__).relative_to(ROOT).as_posix()
    for name in tracked():
        if name == this:
            continue
        try:
            text = read(name)
        except UnicodeDecodeError:
            continue
        found = pattern.search(text)
        assert found is None, f"{name} names {what}: {found}"


def test_every_kind_of_cover_is_in_the_format() -> None:
    page = read("docs/reference/format-v1.md")
    (row,) = [line for line in page.split("\n") if line.startswith("| `kind` | `bundle`")]
    assert re.findall(r"`([a-z]+)`", row)[1:] == [kind.value for kind in CoverKind]


def test_every_door_is_in_the_description_of_the_wire() -> None:
    page = read("docs/reference/wire.md")
    assert set(re.findall(r"^\| `POST /comity/1/([a-z-]+)`", page, re.MULTILINE)) == DOORS


def test_every_address_of_taxii_is_in_its_reference_and_every_command_leads_to_one() -> None:
    page = read("docs/reference/taxii.md")
    table = dict(re.findall(r"^\| `(/taxii2/[^`]*)` \| ([A-Z, ]+) \|", page, re.MULTILINE))
    found = {path: routes.find(path) for path in table}
    told = {route.name: table[path] for path, route in found.items() if route}
    known = dict(routes.ENDPOINTS.values())
    assert told == {
        name: ", ".join(m for m in ("GET", "POST", "DELETE") if m in methods)
        for name, methods in known.items()
    }
    commands = re.findall(r"node\.example(/taxii2/[^`\"\s?]*)", read("docs/howto/serve-taxii.md"))
    assert len(commands) > 4
    assert all(map(routes.find, commands))


def test_every_refusal_of_taxii_is_in_its_reference() -> None:
    page = read("docs/reference/taxii.md")
    rows = dict(re.findall(r"^\| (4\d\d|503) \| ([^|]+) \|", page, re.MULTILINE))
    for rule, status in STATUS.items():
        assert rule in rows[str(status)], rule
    assert {UNFIT, LATER, FORBIDDEN} <= {int(status) for status in rows}
    assert f"at most {PAGE} objects" in page
    assert MAX_CONTENT_LENGTH == PAGE_BYTES == 16 * 1024 * 1024
    assert page.count("16 MiB") == 2
    assert f"up to {MOST_VALUES} values" in page

"""Other TAXII 2.1 servers, each in a throw-away environment of its own, from the package index.

Versions are pinned to ones that work with each other. OpenTAXII 0.9.3, the newest there, keeps the
rows of a POST and then answers 500, as it cannot write its own answer; its time counts all the
same. Where a peer cannot be installed it is left out, and who asks is told so.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.running import PATIENCE, answers, free_port, until

COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
USER, PASSWORD = "bench", "bench"


class Peer(NamedTuple):
    """A peer: its name, what is installed, and the program that serves it: given a folder and a
    port, it prints the path of its collection's objects and serves.
    """

    name: str
    packages: tuple[str, ...]
    program: str


MEDALLION = Peer(
    "medallion 3.0.0",
    ("medallion==3.0.0", "flask==2.2.5", "werkzeug==2.2.3", "waitress==3.0.2"),
    f"""
import json, sys
from pathlib import Path
import medallion, waitress
folder, port = Path(sys.argv[1]), int(sys.argv[2])
collection = {{"id": "{COLLECTION}", "title": "Bench", "can_read": True, "can_write": True,
    "media_types": ["application/stix+json;version=2.1"], "objects": [], "manifest": []}}
information = {{"title": "Bench", "versions": ["application/taxii+json;version=2.1"],
    "max_content_length": 104857600}}
data = {{"discovery": {{"title": "Bench", "default": "http://127.0.0.1/api/", "api_roots": []}},
    "api": {{"information": information, "status": [], "collections": [collection]}}}}
(folder / "data.json").write_text(json.dumps(data))
backend = {{"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend",
    "filename": str(folder / "data.json")}}
config = {{"users": {{"{USER}": "{PASSWORD}"}}, "taxii": {{"max_page_size": 100}},
    "backend": backend}}
(folder / "config.json").write_text(json.dumps(config))
(folder / "path").write_text("/api/collections/{COLLECTION}/objects/")
waitress.serve(medallion.load_app(folder / "config.json"), listen=f"127.0.0.1:{{port}}")
""",
)
OPENTAXII = Peer(
    "OpenTAXII 0.9.3",
    (
        "opentaxii==0.9.3",
        "flask==2.2.5",
        "werkzeug==2.2.3",
        "sqlalchemy==1.4.54",
        "marshmallow==3.26.1",
        "stix2==3.0.1",
        "waitress==3.0.2",
    ),
    f"""
import os, sys
from pathlib import Path
import waitress
folder, port = Path(sys.argv[1]), int(sys.argv[2])
(folder / "config.yml").write_text(f'''
domain: "127.0.0.1:{{port}}"
support_basic_auth: yes
return_server_error_details: no
auth_api:
  class: opentaxii.auth.sqldb.SQLDatabaseAPI
  parameters:
    db_connection: sqlite:///{{folder}}/auth.sqlite3
    create_tables: yes
    secret: only-for-a-minute
taxii1:
taxii2:
  contact: bench@example.net
  description: Bench
  title: Bench
  max_content_length: 104857600
  public_discovery: true
  allow_custom_properties: true
  default_pagination_limit: 100
  max_pagination_limit: 1000
  persistence_api:
    class: opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI
    parameters:
      db_connection: sqlite:///{{folder}}/data.sqlite3
      create_tables: yes
logging:
  opentaxii: critical
  root: critical
''')
os.environ["OPENTAXII_CONFIG"] = str(folder / "config.yml")
from opentaxii.http import app
with app.app_context():
    api = app.taxii_server.servers.taxii2.persistence.api
    root = api.add_api_root(title="Bench", default=True, is_public=True)
    made = api.add_collection(root.id, title="Bench", is_public=True, is_public_write=True)
    app.taxii_server.auth.api.create_account("{USER}", "{PASSWORD}", is_admin=True)
(folder / "path").write_text(f"/taxii2/{{root.id}}/collections/{{made.id}}/objects/")
waitress.serve(app, listen=f"127.0.0.1:{{port}}")
""",
)


def install(peer: Peer, folder: Path) -> Path | None:
    """Return the Python of an environment with the peer in it, or None if it cannot be had."""
    place = folder / peer.name.split()[0]
    python = place / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in ([sys.executable, "-m", "venv", str(place)], [*pip, *peer.packages]):
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return None
    return python


@contextmanager
def serving(python: Path, peer: Peer, folder: Path) -> Iterator[str]:
    """Serve a peer, and give the address of its collection's objects."""
    port = free_port()
    folder.mkdir(parents=True)
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with (folder / "output.txt").open("wb") as log:
        process = subprocess.Popen(
            [str(python), "-c", peer.program, str(folder), str(port)],
            stdout=log,
            stderr=log,
            env=clean,
        )
        try:
            until(lambda: answers(port) or process.poll() is not None, peer.name)
            if process.poll() is not None:
                raise RuntimeError((folder / "output.txt").read_text()[-2000:])
            yield f"http://127.0.0.1:{port}{(folder / 'path').read_text()}"
        finally:
            process.terminate()
            process.wait(PATIENCE)

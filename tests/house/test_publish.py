"""What a visitor, a host or an archive gets beside the code: the container, its proxy, CI, hooks, metadata."""

import fnmatch
import json
import re
import shlex
import socket
import subprocess
import sys
import time
import tomllib

import pytest

import estimator
from tests.root import ROOT

yaml = pytest.importorskip("yaml")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
LINES = [line.split(maxsplit=1) for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
COMPOSE = yaml.safe_load((ROOT / "docs" / "hosting" / "compose.yaml").read_text("utf-8"))
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))


def of(word):
    """What the lines of the Dockerfile that begin with a word say."""
    return [rest for first, rest in LINES if first == word]


def pinned(image):
    """Whether an image names its registry and a version."""
    return re.fullmatch(r"[\w.]+\.\w+/[\w/-]+:\d[\w.-]*", image) is not None


def sent(name):
    """Whether .dockerignore lets a file or folder of the checkout through: the last pattern that fits decides."""
    decided = True
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if line and not line.startswith("#") and fnmatch.fnmatch(name, line.removeprefix("!")):
            decided = line.startswith("!")
    return decided


def test_the_image_copies_what_there_is_and_runs_without_rights():
    assert all(pinned(image) for image in of("FROM"))
    sources = [word for rest in of("COPY") for word in rest.split()[:-1]]
    assert all((ROOT / name).exists() and sent(name) for name in sources), sources
    assert not any(sent(name) for name in (".git", ".venv", "tests", "docs", "artifacts"))
    user, _, group = of("USER")[-1].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    assert [first for first, _ in LINES].index("USER") > max(i for i, (first, _) in enumerate(LINES) if first == "RUN")
    assert not {"ADD", "VOLUME"} & {first for first, _ in LINES}


@pytest.mark.slow
def test_the_command_of_the_image_starts_a_page_that_its_health_check_finds_well():
    pytest.importorskip("streamlit")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [*shlex.split(COMPOSE["services"]["page"]["command"]), "--server.port", port]
    alone = json.loads(of("CMD")[0])
    assert command[: len(alone)] == alone
    health = json.loads(of("HEALTHCHECK")[0].partition("CMD ")[2])
    assert command[0] == health[0] == "python"
    check = [sys.executable, *(word.replace("8501", port) for word in health[1:])]
    assert subprocess.run(check, capture_output=True, check=False).returncode != 0
    with subprocess.Popen([sys.executable, *command[1:]], cwd=ROOT, stdout=subprocess.DEVNULL) as server:
        try:
            until = time.monotonic() + 30
            while subprocess.run(check, capture_output=True, check=False).returncode != 0:
                assert time.monotonic() < until
                assert server.poll() is None
        finally:
            server.terminate()


def test_the_services_of_the_compose_file_are_locked_and_only_the_proxy_is_open():
    services = COMPOSE["services"]
    for name, service in services.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / "docs" / "hosting" / source).is_file()
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert services["page"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"]
    assert pinned(services["proxy"]["image"])
    assert (ROOT / "docs" / "hosting" / services["page"]["build"] / "Dockerfile").is_file()
    told = (ROOT / "docs" / "hosting" / "Caddyfile").read_text("utf-8")
    assert set(services["proxy"]["environment"]) == set(re.findall(r"\{\$(\w+):", told))
    assert f"page:{of('EXPOSE')[0]}" == services["proxy"]["environment"]["UPSTREAM"]


def test_ci_runs_the_recipe_of_developers_on_three_systems_without_rights():
    tests = WORKFLOW["jobs"]["tests"]
    assert [name.split("-")[0] for name in tests["strategy"]["matrix"]["os"]] == ["ubuntu", "macos", "windows"]
    assert tests["steps"][-1] == {"shell": "bash", "run": ".ci/run"}
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "secrets." not in (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    said = [c.rpartition(" ")[2] for c in classifiers if re.search(r":: 3\.\d+$", c)]
    assert WORKFLOW["jobs"]["wheel"]["strategy"]["matrix"]["python"] == said
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    called = [
        s["run"].split()[1]
        for j in WORKFLOW["jobs"].values()
        for s in j["steps"]
        if s.get("run", "").startswith("make ")
    ]
    assert set(called) <= targets


def test_hooks_run_tools_that_are_pinned():
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    tools = {shlex.split(hook["entry"])[0].rpartition("/")[2] for hook in repo["hooks"]}
    pins = (ROOT / "requirements-dev.txt").read_text("utf-8")
    assert repo["repo"] == "local"
    assert tools == {"ruff", "mypy", "lint-imports"}
    assert all(f"\n{name}==" in pins for name in ("ruff", "mypy", "import-linter", "pre-commit"))


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda p: p.stem)
def test_an_issue_form_has_what_a_form_needs(path):
    form = yaml.safe_load(path.read_text("utf-8"))
    if path.stem == "config":
        assert set(form) == {"blank_issues_enabled"}
        return
    assert form["name"]
    assert form["description"]
    fields = [part["id"] for part in form["body"]]
    assert len(set(fields)) == len(fields) > 0
    assert all(part["attributes"]["label"] for part in form["body"])


def test_archive_citation_and_package_say_the_same():
    zenodo = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert zenodo["creators"] == cited["authors"] == project["authors"]
    assert zenodo["keywords"] == cited["keywords"] == project["keywords"]
    assert zenodo["title"] == cited["title"]
    assert zenodo["license"] == cited["license"] == project["license"]
    assert "version" not in zenodo  # the archive takes that of the tag
    extras = project["optional-dependencies"]
    assert extras["all"] == [f"{project['name']}[{','.join(name for name in extras if name != 'all')}]"]
    assert estimator.__version__ == cited["version"]

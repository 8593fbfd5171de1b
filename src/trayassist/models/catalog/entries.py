"""The user's own model entries in registry.yaml: a GGUF file is looked at, described and given to roles, or taken out.

A file stays where it is and is named by its path, unless it is to be moved into the models folder.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from trayassist.api import ModelUnavailable, NotAllowed, TrayassistError, WorkerDied
from trayassist.models.adapters.bases import Base, Bases
from trayassist.models.catalog.download import BLOCK
from trayassist.models.catalog.fetch_plan import PlannedFile, Want
from trayassist.models.checks import fitness
from trayassist.models.gguf import drafts
from trayassist.models.gguf import header as gguf
from trayassist.models.gguf.header import Header
from trayassist.models.registry import file as registry_file
from trayassist.models.registry import rules
from trayassist.models.registry.resolve import path_of
from trayassist.models.registry.schema import ModelKind, Registry
from trayassist.paths import Paths
from trayassist.safety.audit import Audit
from trayassist.workers.child import Channel, limit_memory
from trayassist.workers.pool import Worker

PART = re.compile(r"-\d{5}-of-\d{5}$")
BY_NAME: tuple[tuple[str, ModelKind], ...] = (
    (r"draft", "draft"),
    (r"guard", "guard"),
    (r"\bmath", "math"),
    (r"coder|\bcode|codestral|devstral", "code"),
    (r"\bbase\b", "base"),
)
INSPECT_MB = 512
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a file would be called and described as. `known` is its name when it is described already."""

    path: Path
    files: tuple[Path, ...]
    name: str
    entry: Mapping[str, Any]
    bytes: int
    known: str = ""
    notes: tuple[str, ...] = ()

    @property
    def kind(self) -> ModelKind:
        """What kind of model it is."""
        kind: ModelKind = self.entry["kind"]
        return kind


def propose(path: Path, registry: Registry, models: Path) -> Proposal:
    """Return what the file would be described as. Reads its header: use a thread.

    Raises ModelUnavailable or TrayassistError, in words, for what is no whole model: a file that is cut short or
    foreign, a vocabulary, an adapter, a vision part, a model in parts of which one is missing.
    """
    header = gguf.read(path, "any")
    _check_whole(path, header)
    kind = kind_of(header)
    gguf.read(path, kind)
    name = _free_name(header, registry, path)
    known = next((n for n, m in registry.models.items() if m.file and _same(path_of(models, m.file), path)), "")
    return Proposal(
        path=path,
        files=header.files,
        name=known or name,
        entry=_entry(header, kind, registry_path(path, models)),
        bytes=header.file_bytes,
        known=known,
        notes=tuple(_notes(header, kind)),
    )


def inspect(channel: Channel) -> None:
    """Serve `propose` in a worker, which may take so much memory and no more."""
    limit_memory(INSPECT_MB)
    channel.serve({"propose": propose})


def kind_of(header: Header) -> ModelKind:
    """Return what a model is for: by what its file can do, then by its name, then by whether it has a template."""
    if header.ranks:
        return "reranker"
    if not header.causal or header.pooling in ("mean", "cls", "last"):
        return "embedding"
    name = f"{header.name} {header.path.stem}".lower()
    for pattern, kind in BY_NAME:
        if re.search(pattern, name):
            return kind
    return "instruct" if header.chat_template else "base"


def registry_path(file: Path, models: Path) -> str:
    """Return how registry.yaml names a file: relative to the models folder when it lies in there."""
    try:
        return file.absolute().relative_to(models.absolute()).as_posix()
    except ValueError:
        return str(file.absolute())


def slug(text: str) -> str:
    """Return a name as registry.yaml has them: small letters, digits, . _ and -; "" when none is left."""
    return re.sub(r"[^a-z0-9._]+", "-", text.lower()).strip("-._")[:LONGEST_NAME].rstrip("-._")


def _check_whole(path: Path, header: Header) -> None:
    """Raise ModelUnavailable for a whole GGUF file that is something else than a model."""
    if header.adapter or header.kind == "adapter":
        raise ModelUnavailable(
            f"{path.name} is a LoRA adapter, not a model.",
            "Import it with `trayassist adapters import`, or drop it on Settings, Adapters.",
        )
    if header.kind == "mmproj" or header.architecture == "clip":
        raise ModelUnavailable(
            f"{path.name} is the vision part of a model.", "Add the model itself, and name this file as its mmproj."
        )
    if header.kind != "model":
        raise ModelUnavailable(
            f"{path.name} is a GGUF file of the kind “{header.kind}”, not a model.", "Add the model's own GGUF file."
        )
    if not header.tensors:
        raise ModelUnavailable(f"{path.name} holds a vocabulary but no model.", "Add the model's own GGUF file.")


def _entry(header: Header, kind: ModelKind, file: str) -> dict[str, Any]:
    """Return the keys of the description that the file itself tells and that are worth writing down."""
    billions = round(drafts.parameters(header) / 1e9, 2)
    entry: dict[str, Any] = {"file": file, "kind": kind}
    if family := slug(str(header.keys.get("general.basename", ""))) or header.architecture:
        entry["family"] = family
    if billions:
        entry["params_b"] = billions
    if license_ := header.keys.get("general.license"):
        entry["license"] = str(license_)
    return entry


def _notes(header: Header, kind: ModelKind) -> Iterator[str]:
    if kind == "base":
        yield "It has no chat template: a base model goes on with a text and does not answer well."
    if fitness.is_five_bit(header.quant):
        yield f"{header.quant} is 5 bit, which is not yet evaluated here; 4 or 8 bit is usual."
    if kind not in fitness.NO_WRITERS and not header.keys.get("general.license"):
        yield "Its licence is not known: check it before you use it."


def _free_name(header: Header, registry: Registry, path: Path) -> str:
    """Return a name that is not taken: that of the file, so that quantizations of one model differ, or with a number.

    The header's own name serves where the file's has no letter or digit.
    """
    base = slug(PART.sub("", path.stem)) or slug(header.name) or "model"
    names = (base, *(f"{base}-{number}" for number in range(2, 1000)))
    return next(name for name in names if name not in registry.models)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


logger = logging.getLogger(__name__)

# Roles that a new model is given to when they have none. An embedder is only ever chosen by hand: it changes what
# memory is searched with. Watchdog and curator ask no model.
FILLS: Mapping[str, tuple[str, ...]] = {"instruct": ("persona", "coder"), "code": ("coder",)}
Tell = Callable[[int, int], None]  # bytes done, bytes in all


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedModel:
    """A model that is described now. `roles` are those that it was given to; `says` is all of it in a sentence."""

    name: str
    file: str
    kind: ModelKind
    roles: tuple[str, ...] = ()
    new: bool = True
    notes: tuple[str, ...] = field(default=())

    @property
    def says(self) -> str:
        """What happened, for people."""
        if not self.new:
            return f"It is described already, as {self.name}."
        users = f"Used by {', '.join(self.roles)} now." if self.roles else ""
        return " ".join(filter(None, (f"Added to models as {self.name} ({self.kind}).", users, *self.notes)))


class Entries:
    """Adds and removes models. `registry` gives the one in force; `reload` puts a changed file in force."""

    def __init__(
        self, paths: Paths, registry: Callable[[], Registry], reload: Callable[[], Awaitable[None]], audit: Audit
    ) -> None:
        self._paths, self._registry, self._reload, self._audit = paths, registry, reload, audit
        self._hashing: dict[str, asyncio.Task[None]] = {}
        self._hashed: dict[str, tuple[int, int]] = {}
        self._bases = Bases(paths, registry)
        self._turn = asyncio.Lock()

    async def look(self, path: Path) -> Proposal:
        """Return what `propose` says, with the registry in force; a worker reads the file, which may be anyone's."""
        worker = Worker("model file", inspect)
        try:
            asked = {"path": path, "registry": self._registry(), "models": self._paths.models}
            found: Proposal = await worker.call("propose", **asked)
        except WorkerDied as error:
            raise ModelUnavailable(f"{path.name} cannot be read: {error.what}", "It may be damaged.") from error
        finally:
            await worker.stop()
        return found

    async def add(
        self,
        path: Path,
        *,
        name: str = "",
        kind: str = "",
        roles: Sequence[str] | None = None,
        move: bool = False,
        tell: Tell = lambda _done, _total: None,
    ) -> AddedModel:
        """Describe a GGUF file in the user's registry.yaml, put that in force, and say how it went.

        `roles` None gives it to the roles of its kind that have no model; `move` moves it into the models folder,
        and `tell` hears how far that is. Its sha256 is computed in the background (`wait_for_sha256`). Raises as
        `propose` does, ConfigError when registry.yaml cannot take it, NotAllowed for a name that is taken.
        """
        async with self._turn:
            found = await self.look(path)
            if found.known:
                return AddedModel(name=found.known, file=str(path), kind=found.kind, new=False)
            called = self._check_name(name or found.name)
            entry = dict(found.entry)
            if kind:
                entry["kind"] = _check_kind(kind)
            if move:
                moved = await asyncio.to_thread(_move, found, self._paths.models, tell)
                entry["file"] = registry_path(moved, self._paths.models)
            given = self._fills(entry["kind"]) if roles is None else tuple(roles)
            await self._write(called, entry, given)
        self._audit.write("model_added", model=called, kind=entry["kind"], roles=given)
        self._hash(called, path_of(self._paths.models, entry["file"]))
        return AddedModel(name=called, file=str(entry["file"]), kind=entry["kind"], roles=given, notes=found.notes)

    async def add_fetched(self, want: Want, files: Sequence[PlannedFile]) -> None:
        """Describe a model that was downloaded, with the sha256 that it arrived with. Raises as `add` does."""
        first = Path(files[0].target)
        if (stamp := (base := Base(want.name, (first,))).stamp()) is not None:
            self._bases.keep(base, stamp, files[0].sha256)
        async with self._turn:
            registry = self._registry()
            if want.name in registry.models:
                if not registry.models[want.name].sha256:
                    await self._save(("models", want.name, "sha256"), files[0].sha256)
            else:
                found = await self.look(first)
                source = {"repo": want.repo, "file": want.file}
                entry = {**found.entry, "license": files[0].license or found.entry.get("license", ""), **want.entry}
                entry |= {"file": first.name, "sha256": files[0].sha256, "source": source}
                await self._save(("models", want.name), {key: value for key, value in entry.items() if value != ""})
            for role in want.roles:
                await self._save(("roles", role, "model"), want.name)
            for key, value in want.settings.items():
                await self._save(tuple(key.split(".")), value)
            await self._reload()
        self._audit.write("model_added", model=want.name, repo=want.repo, roles=want.roles)

    async def remove(self, name: str, *, delete: bool = False) -> tuple[str, ...]:
        """Take a model out of the user's registry.yaml and away from its roles; return these.

        `delete` deletes its file too, when it lies in the models folder. Raises NotAllowed, in words, when a mode, a
        job or a draft still names it, or when it is not of the user's own file.
        """
        async with self._turn:
            registry = self._registry()
            if name not in registry.models:
                raise NotAllowed(f"Model '{name}' not found in registry.", f"Described: {_model_names(registry)}.")
            roles = await self._leave_roles(name, registry)
            await asyncio.to_thread(registry_file.remove, self._paths, ("models", name))
            if name in (await asyncio.to_thread(registry_file.load, self._paths)).models:
                raise NotAllowed(f"{name} is one of the shipped models and cannot be taken out.")
            await self._reload()
            if delete:
                await asyncio.to_thread(_delete, self._paths.models, registry.models[name].file)
        self._audit.write("model_removed", model=name, roles=roles, deleted=delete)
        return roles

    async def wait_for_sha256(self, name: str, tell: Tell = lambda _done, _total: None) -> str:
        """Return the model's sha256 as registry.yaml has it, once it is computed; "" when it could not be."""
        task = self._hashing.get(name)
        while task is not None and not task.done():
            await asyncio.wait({task}, timeout=0.2)
            tell(*self._hashed.get(name, (0, 0)))
        model = self._registry().models.get(name)
        return model.sha256 if model is not None else ""

    async def stop(self) -> None:
        """End what is computed behind; a model that is left without its sha256 works all the same."""
        for task in self._hashing.values():
            task.cancel()
        await asyncio.gather(*self._hashing.values(), return_exceptions=True)

    # ------------------------------------------------------------ inside

    async def _save(self, key: tuple[str, ...], value: Any) -> None:
        await asyncio.to_thread(registry_file.save, self._paths, key, value)

    async def _write(self, name: str, entry: Mapping[str, Any], roles: Sequence[str]) -> None:
        await self._save(("models", name), dict(entry))
        try:
            for role in roles:
                await self._save(("roles", role, "model"), name)
        finally:
            await self._reload()

    def _check_name(self, name: str) -> str:
        if slug(name) != name:
            raise NotAllowed(
                f"“{name}” cannot be a model's name.",
                "Use small letters, digits, dots, dashes and underscores, such as my-model-7b-q4_k_m.",
            )
        if name in self._registry().models:
            raise NotAllowed(f"There is a model {name} already.", "Give this one another name.")
        return name

    def _fills(self, kind: str) -> tuple[str, ...]:
        """Return the roles of a kind that have no model."""
        roles = self._registry().roles
        return tuple(r for r in FILLS.get(kind, ()) if r not in roles or not (roles[r].model or roles[r].share_with))

    async def _leave_roles(self, name: str, registry: Registry) -> tuple[str, ...]:
        uses = [use for use in rules.uses(registry) if use.model == name]
        for use in uses:
            if use.key[0] != "roles" or use.how == "draft":
                raise NotAllowed(
                    f"{name} is still named under “{rules.dotted_key(use.key)}”.",
                    "Name another model there first.",
                )
        roles = tuple(dict.fromkeys(use.role for use in uses))
        for role in roles:
            settings = registry.roles[role]
            if settings.model == name:
                await asyncio.to_thread(registry_file.remove, self._paths, ("roles", role, "model"))
            if name in settings.fallback:
                rest = [other for other in settings.fallback if other != name]
                await self._save(("roles", role, "fallback"), rest)
        return roles

    def _hash(self, name: str, file: Path) -> None:
        task = asyncio.get_running_loop().create_task(self._hash_now(name, file))
        self._hashing[name] = task
        task.add_done_callback(lambda _: self._hashed.pop(name, None))

    async def _hash_now(self, name: str, file: Path) -> None:
        try:
            size = (await asyncio.to_thread(file.stat)).st_size
            base = Base(name, (file,))
            total = await self._bases.sha256(base, lambda done: self._hashed.__setitem__(name, (done, size)))
            if not total:
                raise TrayassistError(f"{file} cannot be read.")
            async with self._turn:
                if name in self._registry().models:
                    await self._save(("models", name, "sha256"), total)
                    await self._reload()
        except (OSError, TrayassistError) as error:  # the model works without it
            logger.warning("the sha256 of %s was not kept: %s", name, error)


def _check_kind(kind: str) -> str:
    if kind not in get_args(ModelKind):
        raise NotAllowed(f"“{kind}” is no kind of model.", f"Known: {', '.join(get_args(ModelKind))}.")
    return kind


def _model_names(registry: Registry) -> str:
    return ", ".join(registry.models) or "none yet"


def _move(found: Proposal, models: Path, tell: Tell) -> Path:
    """Move a model's files into the models folder; return where the first is. Raises NotAllowed, TrayassistError."""
    targets = [models / file.name for file in found.files]
    if any(target.exists() and not target.samefile(file) for target, file in zip(targets, found.files, strict=True)):
        raise NotAllowed(
            f"{models} has a file of that name already.", "Add the file where it is, or give it another name first."
        )
    done = 0
    try:
        models.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file, target in zip(found.files, targets, strict=True):
            try:
                file.replace(target)
            except OSError:  # another disk
                done = _copy(file, target, done, found.bytes, tell)
                file.unlink()
            target.chmod(0o600)
    except OSError as error:
        raise TrayassistError(
            f"{found.path.name} cannot be moved: {error.strerror or error}.", "Add it where it is, without moving it."
        ) from error
    return targets[0]


def _copy(file: Path, target: Path, done: int, total: int, tell: Tell) -> int:
    """Copy a file to another disk in one step as seen from outside; return the bytes done so far."""
    part = target.with_name(f".{target.name}.part")
    try:
        with file.open("rb") as source, part.open("wb") as copy:
            while block := source.read(BLOCK):
                copy.write(block)
                done += len(block)
                tell(done, total)
            copy.flush()
            os.fsync(copy.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return done


def _delete(models: Path, file: str) -> None:
    """Delete a model's files where they lie in the models folder; a file elsewhere is the user's own to delete."""
    path = path_of(models, file)
    if not file or not path.resolve().is_relative_to(models.resolve()):
        return
    try:
        files = gguf.read(path, "any").files
    except ModelUnavailable:  # damaged, or gone
        files = (path,)
    for one in files:
        one.unlink(missing_ok=True)

"""registry.yaml: models are described once, by model; roles, modes, policy and jobs only point to them (C-01).

This module is the shape of the file; rules.py checks what the file says of the world.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator
from pydantic_core import PydanticCustomError

from trayassist.config import Section

BARE_ADDRESS = "An address holds no name, password or key; store the key in the keyring"
MOST = 65_536  # threads, layers
MOST_GB = 100_000.0
MOST_BYTES = 255  # of a file's name, on every usual file system


def _amount(value: Any) -> int | Literal["auto"]:
    if value == "auto" or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST):
        return value  # type: ignore[no-any-return]  # one of the two
    raise PydanticCustomError("amount", "Give a whole number, or auto")


def _size(value: Any) -> float | Literal["auto"]:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value == "auto" or (number and 0 <= value <= MOST_GB):
        return value  # type: ignore[no-any-return]  # one of the two
    raise PydanticCustomError("size", f"Give a number from 0 to {MOST_GB:g}, or auto")


def _file(value: Any) -> str:
    if not isinstance(value, str) or any(ord(sign) < 32 for sign in value):
        raise PydanticCustomError("file", "Give the name of a file")
    if any(len(part.encode()) > MOST_BYTES for part in value.split("/")):
        raise PydanticCustomError("file", "Give a shorter name: no file can be called so")
    return value


def as_section(value: Any) -> Any:
    """Return what `true` or `false` alone stand for, where a section has a switch of its own."""
    return {"enabled": value} if isinstance(value, bool) else value


def url_problem(value: Any) -> str:
    """Return what is wrong with the address of an endpoint, as what to do without a full stop; "" when nothing is."""
    if isinstance(value, str) and ("@" in value or "?" in value):
        return BARE_ADDRESS
    fine = isinstance(value, str) and (value == "" or value.startswith(("http://", "https://")))
    return "" if fine else "Give an address that begins with http:// or https://"


def _url(value: Any) -> str:
    if problem := url_problem(value):
        raise PydanticCustomError("secret" if problem == BARE_ADDRESS else "url", problem)
    return str(value)


def _secret(value: Any) -> str:
    if isinstance(value, str) and (value == "" or (value.startswith("keyring:") and value.count("/") == 1)):
        return value
    raise PydanticCustomError(
        "secret", "A key is never written into this file; write keyring:trayassist/NAME and store it in the keyring"
    )


Amount = Annotated[int | Literal["auto"], PlainValidator(_amount)]
Size = Annotated[float | Literal["auto"], PlainValidator(_size)]
FileName = Annotated[str, PlainValidator(_file)]
Url = Annotated[str, PlainValidator(_url)]
Secret = Annotated[str, PlainValidator(_secret)]

MOST_TOKENS = 2**31 - 1  # as llama.cpp counts them
DAY_S = 86_400.0  # no answer and no load takes longer; a timer of the window system ends not far above
Residence = Literal["hot", "warm", "cold"]
Lane = Literal["heavy", "light", "io"]
ModelKind = Literal["instruct", "code", "math", "base", "embedding", "reranker", "draft", "guard", "vision"]
Forbidden = Literal["draft", "prompt_lookup", "adapters", "flash_attention"]


class Defaults(Section):
    """How models run, unless a model or a role says otherwise."""

    context_length: int = Field(
        default=8192, ge=128, le=MOST_TOKENS, description="Tokens of prompt and answer together."
    )
    n_batch: int = Field(default=512, ge=32, le=65_536, description="Tokens read at once while a prompt is read.")
    n_threads: Amount = Field(default="auto", description="auto = the physical cores less one.")
    n_gpu_layers: Amount = Field(default="auto", description="auto = all, where llama.cpp has a GPU.")
    split_mode: Literal["none", "layer", "row"] = Field(default="layer", description="How several GPUs share a model.")
    main_gpu: int = Field(default=0, ge=0, le=255, description="The GPU that is used where one is.")
    tensor_split: tuple[float, ...] = Field(default=(), description="Shares of several GPUs; empty = by free memory.")
    flash_attention: Literal["auto", "on", "off"] = "auto"
    kv_type: Literal["f16", "q8_0", "q4_0"] = Field(default="f16", description="How the context is kept in memory.")
    use_mmap: bool = True
    temperature: float = Field(default=0.3, ge=0, le=2)
    max_tokens: int = Field(default=1024, ge=1, le=MOST_TOKENS)
    timeout_s: float = Field(default=120, gt=0, le=DAY_S, description="Longest an answer may take, loading left out.")
    conversation_cache_mb: int = Field(
        default=512, ge=0, description="Memory a model may keep for conversations that were left and may go on."
    )


class ResidencySettings(Section):
    """What is kept in memory, and how much memory models may take."""

    budget_gb: Size = Field(default="auto", description="auto = the smaller of RAM less 6 GB and 60 % of RAM.")
    vram_budget_gb: Size = Field(default="auto", description="auto = 90 % of the GPU's memory.")
    headroom_gb: float = Field(
        default=2.0, ge=0, le=MOST_GB, description="Memory of the machine that models never take."
    )
    idle_unload_s: float = Field(default=300, gt=0, le=DAY_S, description="A model not used for so long is unloaded.")
    preload: bool = Field(
        default=True, description="Load the model of a question while it is written, where nothing is unloaded for it."
    )
    prewarm: bool = Field(default=False, description="Read model files once at start, at low priority.")
    max_load_s: float = Field(default=600, gt=0, le=DAY_S, description="A model that takes longer to load is given up.")


class Lanes(Section):
    """How many requests of roles run at once: answers, light ones (embedding, judging), reading pages or speech."""

    heavy: int = Field(default=1, ge=1, le=8)
    light: int = Field(default=2, ge=1, le=16)
    io: int = Field(default=1, ge=1, le=8)


class Provider(Section):
    """Who runs models. Only a provider that is `enabled` is ever called; a premium one costs money elsewhere."""

    api: Literal["llama_cpp", "openai", "mock"] = "openai"
    kind: Literal["local", "premium"] = "local"
    base_url: Url = Field(default="", description="The endpoint, such as http://127.0.0.1:11434/v1.")
    enabled: bool = False
    auth: Secret = Field(default="", description="keyring:SERVICE/NAME of the key; empty = no key.")


class HubSource(Section):
    """Where a model's file can be fetched from: a repository of the hub, a file in it, a revision."""

    repo: str
    file: str
    revision: str = "main"


class Quirk(Section):
    """Something odd about a model that was found in use, and what is done about it."""

    issue: str
    workaround: str = ""
    found: str = Field(default="", description="The date, YYYY-MM-DD.")


class Prefixes(Section):
    """What an embedder wants before a question, and before a passage; "" for nothing."""

    query: str = ""
    passage: str = ""


class Price(Section):
    """What a provider takes for a million tokens, in whatever currency it counts: for the costs in the audit log."""

    input: float = Field(default=0, ge=0, le=1e6, description="For a million tokens of prompts.")
    output: float = Field(default=0, ge=0, le=1e6, description="For a million tokens of answers.")


class Model(Section):
    """One model. `file` is absolute, or relative to the models folder; a model of an endpoint has `remote_id`.

    `kind` base leaves a chat template in the file aside; `math` is refused for roles that chat.
    """

    provider: str = "llama_cpp"
    file: FileName = ""
    remote_id: str = Field(default="", description="The model's name at its provider.")
    kind: ModelKind = "instruct"
    family: str = ""
    params_b: float | None = Field(default=None, gt=0, le=1e6, description="Parameters in billions.")
    quant: str = ""
    context_length: int | None = Field(default=None, ge=128, le=MOST_TOKENS)
    license: str = ""
    sha256: str = Field(default="", pattern="^([0-9a-f]{64})?$")
    mmproj: FileName = Field(default="", description="The vision part's file, for kind vision.")
    source: HubSource | None = None
    price: Price | None = Field(default=None, description="Of an endpoint's model that costs money.")
    prefixes: Prefixes | None = Field(default=None, description="Of an embedder; left out: by its family.")
    forbid: tuple[Forbidden, ...] = Field(default=(), description="Wins over any setting of a role (S0-18).")
    quirks: tuple[Quirk, ...] = ()
    responses: dict[str, str] = Field(default_factory=dict, description="For provider mock: question to answer.")


class Draft(Section):
    """Speculation with a small model of the same vocabulary. Off for a pair that does not pay (min_accept)."""

    model: str
    k: int = Field(default=24, ge=1, le=64, description="Tokens drafted at once.")
    min_accept: float = Field(default=0.35, ge=0, le=1)


class PromptLookup(Section):
    """Speculation with words of the prompt itself."""

    enabled: bool = False
    k: int = Field(default=10, ge=1, le=64)
    ngram: int = Field(default=2, ge=1, le=8)


class Experts(Section):
    """How many experts of a mixture are used for a token (S0-10)."""

    experts: int = Field(ge=1)


class Acceleration(Section):
    """What makes a role's answers faster."""

    draft: Draft | None = None
    prompt_lookup: Annotated[PromptLookup, BeforeValidator(as_section)] = PromptLookup()
    moe: Experts | None = None


class Needs(Section):
    """What a role wants of a model; the picker marks models by it (S0-15)."""

    kinds: tuple[ModelKind, ...] = ()
    min_params_b: float = Field(default=0, ge=0)
    min_context: int = Field(default=0, ge=0)


class Adjustment(Section):
    """What a mode, or a single call, changes of a role. What is None stays as the role says."""

    model: str | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1, le=MOST_TOKENS)
    timeout_s: float | None = Field(default=None, gt=0, le=DAY_S)
    stop: tuple[str, ...] | None = None
    seed: int | None = Field(default=None, ge=0, le=2**32 - 1)


class RoleSettings(Section):
    """Which model a role uses, and how. What is None comes from `runtime_defaults`."""

    model: str | None = None
    share_with: str | None = Field(default=None, description="A role whose model this one uses.")
    residency: Residence = "warm"
    lane: Lane = "heavy"
    max_concurrent: int = Field(default=1, ge=1, le=16)
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1, le=MOST_TOKENS)
    usual_tokens: int | None = Field(
        default=None, ge=1, description="The role's answers should stay below; status says when more than 5 % do not."
    )
    context_length: int | None = Field(default=None, ge=128, le=MOST_TOKENS)
    timeout_s: float | None = Field(default=None, gt=0, le=DAY_S)
    stop: tuple[str, ...] = ()
    seed: int | None = Field(default=None, ge=0, le=2**32 - 1)
    fallback: tuple[str, ...] = ()
    acceleration: Acceleration = Acceleration()
    full_experts: bool = Field(default=False, description="Refuses a reduction of experts (S0-08).")
    unload_after: bool = Field(default=False, description="The model leaves memory right after the answer.")
    needs: Needs = Needs()


class Choice(Adjustment):
    """What a mode changes of a role; of several the lowest `priority` is taken, the others are its fallbacks."""

    priority: int = Field(default=1, ge=0)


def _choices(value: Any) -> Any:
    """Let a mode name a model only, or one choice, where several may stand."""
    if value is None or isinstance(value, list | tuple):
        return value
    return ({"model": value} if isinstance(value, str) else value,)


Choices = Annotated[tuple[Choice, ...] | None, BeforeValidator(_choices)]


class Mode(Section):
    """A way to work: what it changes of each role. A role that is null is off in this mode (S4-08)."""

    roles: dict[str, Choices] = Field(default_factory=dict)


class Escalation(Section):
    """Who is asked when what a model says fails a check: the next model of the chain for that kind of question (S0-23).

    Without a chain a model is asked once.
    """

    tries: int = Field(default=2, ge=1, le=5, description="How often a model is asked before the next one is.")
    most: int = Field(default=2, ge=0, le=5, description="Steps up a chain that one question may take.")
    chains: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Kind of question (chat, code, …): local models, the smallest first."
    )


class Routing(Section):
    """What happens to an answer that is not good enough."""

    escalation: Escalation = Escalation()


class Policy(Section):
    """Which roles and jobs may use a premium model; all others are refused (never swapped silently)."""

    premium_allowlist: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Premium model: the roles and jobs that may use it."
    )


class JobSettings(Section):
    """A job of a plugin, by its name: whether it may run, and with which model instead of its role's."""

    enabled: bool = True
    model: str | None = None


class DraftRule(Section):
    """Which families draft for which (S0-12); the comparison of the two files decides, this explains."""

    target: str
    drafts: tuple[str, ...]
    note: str = ""


class Registry(Section):
    """All of registry.yaml."""

    runtime_defaults: Defaults = Defaults()
    residency: ResidencySettings = ResidencySettings()
    lanes: Lanes = Lanes()
    providers: dict[str, Provider] = Field(default_factory=dict)
    models: dict[str, Model] = Field(default_factory=dict)
    draft_rules: tuple[DraftRule, ...] = ()
    roles: dict[str, RoleSettings] = Field(default_factory=dict)
    modes: dict[str, Mode] = Field(default_factory=dict)
    mode: str = Field(default="agent", description="The mode in force.")
    routing: Routing = Routing()
    policy: Policy = Policy()
    jobs: dict[str, JobSettings] = Field(default_factory=dict)

    def role(self, name: str) -> RoleSettings:
        """Return the role's settings; a role that is not named has the defaults and no model."""
        return self.roles.get(name, RoleSettings())

    def job(self, name: str) -> JobSettings:
        """Return the job's settings; a job that is not named may run."""
        return self.jobs.get(name, JobSettings())

    def provider(self, model: str) -> Provider:
        """Return the provider of a described model."""
        return self.providers.get(self.models[model].provider, Provider())

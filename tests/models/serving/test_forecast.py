"""What configured models will take, before any is loaded (S3-14)."""

from __future__ import annotations

from tests import tiny_gguf
from tests.models.running import Lines, engine
from trayassist.models.registry.schema import Registry
from trayassist.models.serving.plans import Forecast, Share
from trayassist.paths import Paths


def with_role(registry: Registry, **changes: object) -> Registry:
    roles = {**registry.roles, "persona": registry.role("persona").model_copy(update=changes)}
    return registry.model_copy(update={"roles": roles})


async def test_s3_14_a_forecast_follows_a_registry_that_is_not_in_force(home: Paths, audit: Lines) -> None:
    tiny_gguf.write(home.models / "a.gguf", context=8192)
    tiny_gguf.write(home.models / "b.gguf", width=128, context=8192)
    models = {"a": {"file": "a.gguf"}, "b": {"file": "b.gguf"}, "gone": {"file": "gone.gguf"}}
    async with engine(home, audit, models, {"model": "a"}) as one:
        registry = one._planner.registry
        now = await one.forecast(registry)
        assert [share.name for share in now.shares] == ["a"]
        longer = await one.forecast(with_role(registry, context_length=8192))
        assert longer.together() > now.together()
        other = await one.forecast(with_role(registry, model="b", residency="hot"))
        assert [(share.name, share.residence) for share in other.shares] == [("b", "hot")]
        assert (await one.forecast(with_role(registry, model="gone"))).unknown == ("gone",)
        assert one._planner.registry is registry, "the one in force stays"
        assert one.loaded_models() == [], "nothing is loaded for it"
        state = next(state for state in one.models() if state.name == "a")
        assert state.standing == "cold"


def test_a_forecast_is_green_amber_or_red() -> None:
    def share(name: str, ram: int, hot: bool = False) -> Share:
        return Share(name=name, ram=ram, gpu=ram // 2, residence="hot" if hot else "warm")

    ahead = Forecast(shares=(share("a", 4, hot=True), share("b", 6), share("c", 2)))
    assert (ahead.together(), ahead.least()) == (12, 10)
    assert [ahead.level(limit) for limit in (12, 11, 10, 9)] == ["green", "amber", "amber", "red"]
    assert ahead.level(6, gpu=True) == "green"
    assert Forecast().level(0) == "green"

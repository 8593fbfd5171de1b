"""Starting a model's worker and loading the model in it; whatever goes wrong is said in words."""

from __future__ import annotations

import asyncio
import time

from trayassist.api import ModelUnavailable, TrayassistError
from trayassist.models.serving.budget import Memory
from trayassist.models.serving.resident import Resident
from trayassist.safety.audit import Audit


async def load(resident: Resident, limit_s: float, machine: Memory, audit: Audit) -> None:
    """Load the model into a worker of its own and write the line of it. Raises ModelUnavailable."""
    plan, began = resident.plan, time.perf_counter()
    try:
        async with asyncio.timeout(limit_s):
            resident.worker = worker = await plan.make()
            await worker.start()
            before = machine.resident(worker.pid or 0)
            resident.info = await worker.call("load")
    except TimeoutError:
        raise ModelUnavailable(
            f"The model {plan.name} did not load within {limit_s:g} seconds.", "Raise residency.max_load_s."
        ) from None
    except ModelUnavailable:
        raise
    except OSError as error:
        raise ModelUnavailable(
            f"No worker can be started for the model {plan.name}: {error.strerror}.", "Close other programs."
        ) from error
    except TrayassistError as error:
        raise ModelUnavailable(
            f"The model {plan.name} does not load: {error.what}", "It may be too large for this machine, or damaged."
        ) from error
    resident.load_ms = (time.perf_counter() - began) * 1e3
    audit.write(
        "model_loaded",
        actual_model=plan.name,
        loadMs=resident.load_ms,
        rss_before=before,
        rss_after=machine.resident(worker.pid or 0),
        vram=plan.gpu,
        estimated=plan.ram + plan.gpu,
        residence=plan.residence,
        architecture=plan.header.architecture if plan.header else None,
    )

"""A contract for `lint-imports`: no module imports another in a loop, also not for its types."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output


class NoImportLoop(Contract):
    """Broken by every set of modules of which each reaches each other through imports."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        loops = strongly_connected(graph)
        return ContractCheck(kept=not loops, metadata={"loops": loops})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for loop in check.metadata["loops"]:
            output.print_error("These modules import each other:")
            for module in loop:
                output.indent_cursor()
                output.print_error(module, bold=False)


def strongly_connected(graph: ImportGraph) -> list[list[str]]:
    """Return the sets of two or more modules that reach each other (Tarjan's algorithm, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []
    for root in sorted(graph.modules):
        work = [] if root in index else [(root, iter(sorted(graph.find_modules_directly_imported_by(root))))]
        if work:
            index[root] = low[root] = len(index)
            stack.append(root)
        while work:
            module, imports = work[-1]
            for imported in imports:
                if imported not in index:
                    index[imported] = low[imported] = len(index)
                    stack.append(imported)
                    work.append((imported, iter(sorted(graph.find_modules_directly_imported_by(imported)))))
                    break
                if imported in stack:
                    low[module] = min(low[module], index[imported])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[module])
                if low[module] == index[module]:
                    at = stack.index(module)
                    if len(stack) - at > 1:
                        found.append(sorted(stack[at:]))
                    del stack[at:]
    return found

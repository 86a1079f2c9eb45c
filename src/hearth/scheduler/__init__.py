"""Which models are resident, who waits, who goes.

`Scheduler` is what the layers above use; the policy is in `state`, free of clocks, threads and processes.
"""

from hearth.scheduler.memory import available_memory, choose_slots
from hearth.scheduler.service import Lease, Resident, Scheduler
from hearth.scheduler.wants import Limits, Want

__all__ = ["Lease", "Limits", "Resident", "Scheduler", "Want", "available_memory", "choose_slots"]

"""What a crawl has planned and done, address by address, so that a kill loses nothing; and when
each listing is due again.

One SQLite file of this machine. What is lost of it costs a fetch, never a listing: a request counts
as done only after what it brought is safe in the store.
"""

from leads.ledger.ledger import Ledger
from leads.ledger.records import ITEM, Due, Glimpse, Page, Plan, Run, Stage, Task
from leads.ledger.work import Work

__all__ = ["ITEM", "Due", "Glimpse", "Ledger", "Page", "Plan", "Run", "Stage", "Task", "Work"]

"""What happens to accounts, told upwards: the audit trail lies above this app and listens."""

from django.dispatch import Signal

# Sent inside the transaction of the change, with ``user``, ``actor``, ``action`` and ``after``.
account_changed = Signal()

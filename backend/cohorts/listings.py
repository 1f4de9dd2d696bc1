"""The columns of the list of members."""

from backend.core.lists import Column, Listing

MEMBERS = Listing(
    page="cohorts:members",
    columns=(
        Column(key="name", title="Name", value=lambda row: row.user.shown_name, is_fixed=True),
        Column(key="user_name", title="User name", value=lambda row: row.user.username),
        Column(key="role", title="Role", value=lambda row: row.get_role_display()),
        Column(key="sees", title="Sees", value=lambda row: str(row.centre or "every centre")),
        Column(key="since", title="Since", value=lambda row: row.created_at),
    ),
)

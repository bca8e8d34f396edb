"""Who may see and do what: officers, sign-in and sessions, roles, scope by place, the record of their acts."""

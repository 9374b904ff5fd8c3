"""What those who sign in see and do: agents at their desk, supervisors, admins, auditors."""

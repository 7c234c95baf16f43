"""The orchestrator thinks and speaks: workflow tells, domain decides, aws asks and deletes, slack words it."""

"""What a durable step does, a module a step."""

"""What is asked of AWS: one module per question. Clients come in as arguments, domain objects go out."""

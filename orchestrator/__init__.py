"""The orchestrator thinks and speaks: it scans, asks in Slack, judges again, deletes and reports.

- `app`: wires settings, clients and adapters to the handler that Lambda calls
- `workflow`: the steps of each kind of request in their order; nothing else knows the durable engine
- `steps`: what one durable step does
- `scanner`: the scan itself, shared with the terminal
- `domain`: rules, records and words; pure, standard library only
- `aws`: a module for every question asked of AWS; `deletion` alone deletes
- `slack`: `message` words and reads messages, `messenger` sends them
- `cli`: the scan from a terminal; `metrics`: numbers for the log
"""

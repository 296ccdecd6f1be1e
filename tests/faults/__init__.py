"""What must not break anything: killed processes, bad files, full disks; with the real parts."""

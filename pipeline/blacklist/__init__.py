"""Publishing the blacklist: policy, releases, the log of what was done."""

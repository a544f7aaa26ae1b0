"""The scan format of IMC'21's tool, mx_inference: lines to records of a run, and back. No IO."""

"""Domains that look like snowshoe spam: features, long tail, classifier, evaluation."""

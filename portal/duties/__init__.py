"""Mandatory notices (avisos obligatorios): signs on a case tell who must be told, by when, why."""

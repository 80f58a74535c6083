"""Proof that it works: trials with statistics."""

from .teacher_student import Proof, Trial, teacher_student

__all__ = ["Proof", "Trial", "teacher_student"]

"""Persona: answers questions and chats."""

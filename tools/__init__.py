"""Commands that set PETRA up, start and check it; nothing here is imported by the product."""

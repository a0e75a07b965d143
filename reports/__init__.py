"""What a person reads on paper or as a file: templates, tables and charts. No rule lives here."""

"""Reading tables: from files of every format to typed columns, in bounded memory where they are large."""

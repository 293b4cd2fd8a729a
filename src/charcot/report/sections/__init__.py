"""The sections of the first report, one a file; each turns results into paragraphs, tables and figures."""

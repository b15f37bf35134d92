list(APPEND mock_sources)

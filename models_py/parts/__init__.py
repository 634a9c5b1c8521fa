"""Parts a study is made of, one folder each; nothing stands here itself."""

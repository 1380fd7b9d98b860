-- A message that was tried, and waits for its next try.
SELECT min(next_at) FROM messages WHERE channel = :channel AND next_at > :now AND tries > 0

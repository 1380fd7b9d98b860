UPDATE messages SET tries = :tries, next_at = :next_at, given_up_at = :given_up_at, last_error = :why WHERE id = :message

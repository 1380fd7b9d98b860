UPDATE attempts SET state = :state, code = :code, text = :text, finished_at = :at WHERE id = :id

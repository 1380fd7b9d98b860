UPDATE attempts SET state = :state, finished_at = :at, ended_at = :at, resolved_by = :by WHERE id = :id

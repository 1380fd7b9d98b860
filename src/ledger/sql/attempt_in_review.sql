UPDATE attempts
   SET state = :state, finished_at = :at, ended_at = NULL, text = :why, resolved_by = NULL, asked = :asked,
       reviewed_status = :status, reviewed_net = :net
 WHERE id = :id

INSERT INTO channels (name, what, least, merchants, kinds, configured) VALUES (:name, :what, :least, :merchants, :kinds, 1)
ON CONFLICT (name) DO UPDATE SET what = :what, least = :least, merchants = :merchants, kinds = :kinds, configured = 1

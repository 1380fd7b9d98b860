INSERT INTO capture_slots (merchant_id, minute, taken) VALUES (:merchant, :minute, 1)
ON CONFLICT (merchant_id, minute) DO UPDATE SET taken = capture_slots.taken + 1

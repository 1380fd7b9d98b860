<?php
/** As much of OpenCart 3 as the recipe touches, over the shop's tables in SQLite. */

const DB_PREFIX = 'oc_';

class Controller
{
    public object $db;

    public function __construct(PDO $pdo)
    {
        $this->db = new class ($pdo) {
            public function __construct(private PDO $pdo) {}
            public function query(string $query): object
            {
                return (object) ['rows' => $this->pdo->query($query)->fetchAll(PDO::FETCH_ASSOC)];
            }
        };
    }
}

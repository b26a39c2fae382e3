-- A file of a refused message counts for more than its bytes, so that the smallest are bounded as well.

UPDATE refused_total SET bytes =
  (SELECT COALESCE(SUM(size), 0) FROM refused) +
  (SELECT COALESCE(SUM(size + 4096), 0) FROM attachment WHERE refused_id IS NOT NULL)
WHERE id = 1;

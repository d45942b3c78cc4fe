#pragma once

namespace bncollapse::study {

/// The store's tables; docs/ARCHITECTURE.md says what their columns hold. Floating-point columns hold the
/// doubles' own bits.
inline constexpr char store_schema[] = R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE point (
  point INTEGER PRIMARY KEY, parameters TEXT NOT NULL, gamma REAL NOT NULL, beta REAL NOT NULL, alpha REAL NOT NULL,
  u REAL NOT NULL, learning_rate REAL NOT NULL, noise_std REAL NOT NULL, batch INTEGER NOT NULL,
  trajectories INTEGER NOT NULL, steps INTEGER NOT NULL, precision TEXT NOT NULL, approximation TEXT,
  note TEXT NOT NULL);
CREATE TABLE prediction (
  point INTEGER NOT NULL REFERENCES point, quantity TEXT NOT NULL, value REAL NOT NULL, error REAL NOT NULL,
  PRIMARY KEY (point, quantity)) WITHOUT ROWID;
CREATE TABLE prediction_series (
  point INTEGER NOT NULL REFERENCES point, step INTEGER NOT NULL, quantity TEXT NOT NULL, value REAL NOT NULL,
  PRIMARY KEY (point, quantity, step)) WITHOUT ROWID;
CREATE TABLE estimate (
  point INTEGER NOT NULL REFERENCES point, step INTEGER NOT NULL, quantity TEXT NOT NULL, mean REAL NOT NULL,
  standard_error REAL NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (point, quantity, step)) WITHOUT ROWID;
CREATE TABLE group_mean (
  point INTEGER NOT NULL REFERENCES point, step INTEGER NOT NULL, position INTEGER NOT NULL, mean REAL NOT NULL,
  count INTEGER NOT NULL, PRIMARY KEY (point, step, position)) WITHOUT ROWID;
CREATE TABLE quantile (
  point INTEGER NOT NULL REFERENCES point, step INTEGER NOT NULL, quantity TEXT NOT NULL, probability REAL NOT NULL,
  value REAL NOT NULL, PRIMARY KEY (point, quantity, step, probability)) WITHOUT ROWID;
CREATE TABLE histogram (
  point INTEGER NOT NULL REFERENCES point, step INTEGER NOT NULL, quantity TEXT NOT NULL, x_lower REAL NOT NULL,
  x_upper REAL NOT NULL, x_count INTEGER NOT NULL, y_lower REAL, y_upper REAL, y_count INTEGER, counts BLOB NOT NULL,
  below INTEGER NOT NULL, above INTEGER NOT NULL, PRIMARY KEY (point, quantity, step));
CREATE TABLE path (
  point INTEGER NOT NULL REFERENCES point, path INTEGER NOT NULL, step INTEGER NOT NULL, gamma REAL NOT NULL,
  beta REAL NOT NULL, PRIMARY KEY (point, path, step)) WITHOUT ROWID;
CREATE TABLE curve (curve TEXT NOT NULL, series TEXT NOT NULL, x REAL NOT NULL, y REAL NOT NULL);
CREATE TABLE verdict (
  position INTEGER PRIMARY KEY, check_name TEXT NOT NULL, claim TEXT NOT NULL, point INTEGER, field TEXT NOT NULL,
  measured REAL NOT NULL, standard_error REAL NOT NULL, predicted REAL, deviation REAL NOT NULL,
  tolerance REAL NOT NULL, tolerance_source TEXT NOT NULL, verdict TEXT NOT NULL, note TEXT NOT NULL);
CREATE TABLE checksum (point INTEGER PRIMARY KEY, sum INTEGER NOT NULL);
)sql";

}  // namespace bncollapse::study

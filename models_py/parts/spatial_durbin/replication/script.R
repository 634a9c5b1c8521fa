# A spatial panel model by maximum likelihood: coefficients, and direct, indirect and total effects. Base R alone.
# panel: place, year, y, x1 ...; weights: place, neighbour, weight.

# Years x places less the means of the effects, as one column.
free <- function(values, effects) {
  if (effects == "none") return(as.vector(values - mean(values)))
  if (effects %in% c("two_way", "entity")) values <- sweep(values, 2, colMeans(values))
  if (effects %in% c("two_way", "time")) values <- sweep(values, 1, rowMeans(values))
  as.vector(values)
}

# Observations, log-determinants, and 1 where each is less ln(1 - rho).
counts <- function(n, t, effects, correction) {
  if (correction == "none") return(c(n * t, t, 0))
  entity <- effects %in% c("two_way", "entity")
  time <- effects %in% c("two_way", "time")
  c((n - time) * (t - entity), t - entity, as.numeric(time))
}

# The maximum over the whole interval: a grid, then halving where the derivative changes sign.
best_rho <- function(w, e, d, counted) {
  n <- counted[1]
  m <- counted[2]
  r <- counted[3]
  roots <- as.complex(eigen(w, only.values = TRUE)$values)
  real <- Re(roots)[abs(Im(roots)) <= 1e-9 * max(Mod(roots))]
  far <- 10 / max(Mod(roots))
  low <- if (min(real) < 0) max(1 / min(real), -far) else -far
  high <- if (max(real) > 0) min(1 / max(real), far) else far
  a <- sum(e * e)
  b <- sum(e * d)
  c <- sum(d * d)
  value <- function(rho) {
    determinant <- sum(log(Mod(1 - rho * roots))) - if (r > 0) log(1 - rho) else 0
    m * determinant - n / 2 * log(a - 2 * rho * b + rho^2 * c)
  }
  slope <- function(rho) {
    determinant <- -sum(Re(roots / (1 - rho * roots))) + if (r > 0) 1 / (1 - rho) else 0
    m * determinant - n * (rho * c - b) / (a - 2 * rho * b + rho^2 * c)
  }
  grid <- low + (high - low) * (1 - cos(seq(0.001, pi - 0.001, length.out = 401))) / 2
  best <- which.max(vapply(grid, value, 0))
  left <- grid[max(best - 1, 1)]
  right <- grid[min(best + 1, 401)]
  for (step in 1:200) {
    middle <- (left + right) / 2
    if (slope(middle) > 0) left <- middle else right <- middle
  }
  (left + right) / 2
}

compute <- function(data, lists) {
  panel <- data$panel
  names <- lists$regressors
  lagged <- lists$lagged
  effects <- lists$effects
  places <- sort(unique(panel$place))
  years <- sort(unique(panel$year))
  n <- length(places)
  t <- length(years)
  at <- function(code) match(code, places)
  w <- matrix(0, n, n)
  w[cbind(at(data$weights$place), at(data$weights$neighbour))] <- data$weights$weight
  wide <- function(name) {
    values <- matrix(NA_real_, t, n)
    values[cbind(match(panel$year, years), at(panel$place))] <- panel[[name]]
    values
  }
  own <- vapply(names, function(name) free(wide(name), effects), numeric(n * t))
  x <- own
  for (name in lagged) x <- cbind(x, free(wide(name) %*% t(w), effects))
  terms <- c(names, if (length(lagged)) paste0("W_", lagged))
  y <- free(wide("y"), effects)
  wy <- free(wide("y") %*% t(w), effects)
  solved <- qr(x)
  with_rho <- as.numeric(lists$lag_of_outcome) > 0
  rho <- 0
  if (with_rho) {
    counted <- counts(n, t, effects, lists$correction)
    rho <- best_rho(w, qr.resid(solved, y), qr.resid(solved, wy), counted)
  }
  beta <- qr.coef(solved, y) - rho * qr.coef(solved, wy)
  names(beta) <- terms
  found <- data.frame(term = terms, effect = "coef", value = unname(beta))
  if (with_rho) found <- rbind(found, data.frame(term = "rho", effect = "coef", value = rho))
  inverse <- solve(diag(n) - rho * w)
  for (name in names) {
    lag <- paste0("W_", name)
    theta <- if (lag %in% terms) beta[[lag]] else 0
    s <- inverse %*% (beta[[name]] * diag(n) + theta * w)
    direct <- sum(diag(s)) / n
    total <- sum(s) / n
    effect <- c("direct", "indirect", "total")
    found <- rbind(found, data.frame(term = name, effect = effect, value = c(direct, total - direct, total)))
  }
  found
}

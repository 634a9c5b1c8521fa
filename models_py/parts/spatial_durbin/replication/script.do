* A spatial panel model by maximum likelihood: coefficients, and direct, indirect and total effects, in Mata.
* panel: place, year, y, x1 ...; weights: place, neighbour, weight.
use "`weights'", clear
mata: pairs = st_data(., ("place", "neighbour", "weight"))
use "`panel'", clear
sort year place
mata:
real colvector freed(real colvector values, real scalar t, real scalar n, string scalar effects)
{
    real matrix wide
    // Years x places.
    wide = colshape(values, n)
    if (effects == "none") return(vec((wide :- mean(values))'))
    if (effects == "two_way" | effects == "entity") wide = wide :- mean(wide)
    if (effects == "two_way" | effects == "time") wide = wide :- mean(wide')'
    return(vec(wide'))
}

real scalar valued(real scalar rho, complex rowvector roots, real rowvector squares, real rowvector counted)
{
    real scalar determinant
    determinant = sum(ln(abs(1 :- rho :* roots)))
    if (counted[3]) determinant = determinant - ln(1 - rho)
    return(counted[2] * determinant - counted[1] / 2 * ln(squares[1] - 2 * rho * squares[2] + rho^2 * squares[3]))
}

real scalar sloped(real scalar rho, complex rowvector roots, real rowvector squares, real rowvector counted)
{
    real scalar determinant, left
    determinant = -sum(Re(roots :/ (1 :- rho :* roots)))
    if (counted[3]) determinant = determinant + 1 / (1 - rho)
    left = squares[1] - 2 * rho * squares[2] + rho^2 * squares[3]
    return(counted[2] * determinant - counted[1] * (rho * squares[3] - squares[2]) / left)
}

void fitted(string scalar regressors, string scalar lagged, real scalar with_rho, string scalar effects, ///
    string scalar correction, real matrix pairs)
{
    real matrix w, x, s, inverse
    real colvector codes, y, wy, e, d, by_y, by_wy, beta, real_roots, grid
    real rowvector squares, counted
    complex rowvector roots
    string rowvector names, lags, terms
    string colvector term, effect
    real colvector value
    real scalar n, t, i, k, rho, low, high, far, best, top, left, right, middle, entity, time, direct, total, theta

    names = tokens(regressors)
    lags = tokens(lagged)
    codes = uniqrows(st_data(., "place"))
    n = rows(codes)
    t = st_nobs() / n
    w = J(n, n, 0)
    for (i = 1; i <= rows(pairs); i++) {
        w[selectindex(codes :== pairs[i, 1]), selectindex(codes :== pairs[i, 2])] = pairs[i, 3]
    }
    x = J(n * t, 0, .)
    for (k = 1; k <= cols(names); k++) x = x, freed(st_data(., names[k]), t, n, effects)
    for (k = 1; k <= cols(lags); k++) {
        x = x, freed(vec((colshape(st_data(., lags[k]), n) * w')'), t, n, effects)
    }
    terms = names
    for (k = 1; k <= cols(lags); k++) terms = terms, "W_" + lags[k]
    y = freed(st_data(., "y"), t, n, effects)
    wy = freed(vec((colshape(st_data(., "y"), n) * w')'), t, n, effects)
    by_y = qrsolve(x, y)
    by_wy = qrsolve(x, wy)
    e = y - x * by_y
    d = wy - x * by_wy
    rho = 0
    if (with_rho) {
        entity = effects == "two_way" | effects == "entity"
        time = effects == "two_way" | effects == "time"
        counted = (n * t, t, 0)
        if (correction == "transformation") counted = ((n - time) * (t - entity), t - entity, time)
        squares = (cross(e, e), cross(e, d), cross(d, d))
        roots = eigenvalues(w)
        far = 10 / max(abs(roots))
        real_roots = select(Re(roots)', (abs(Im(roots)) :<= 1e-9 * max(abs(roots)))')
        low = min(real_roots) < 0 ? max((1 / min(real_roots), -far)) : -far
        high = max(real_roots) > 0 ? min((1 / max(real_roots), far)) : far
        // A grid over the whole interval, then halving where the derivative changes sign.
        grid = low :+ (high - low) :* (1 :- cos(rangen(0.001, pi() - 0.001, 401))) :/ 2
        best = 1
        top = valued(grid[1], roots, squares, counted)
        for (i = 2; i <= 401; i++) {
            if (valued(grid[i], roots, squares, counted) > top) {
                best = i
                top = valued(grid[i], roots, squares, counted)
            }
        }
        left = grid[max((best - 1, 1))]
        right = grid[min((best + 1, 401))]
        for (i = 1; i <= 200; i++) {
            middle = (left + right) / 2
            if (sloped(middle, roots, squares, counted) > 0) left = middle
            else right = middle
        }
        rho = (left + right) / 2
    }
    beta = by_y - rho * by_wy
    term = terms'
    effect = J(cols(terms), 1, "coef")
    value = beta
    if (with_rho) {
        term = term \ "rho"
        effect = effect \ "coef"
        value = value \ rho
    }
    inverse = luinv(I(n) - rho * w)
    for (k = 1; k <= cols(names); k++) {
        theta = 0
        for (i = 1; i <= cols(lags); i++) {
            if (lags[i] == names[k]) theta = beta[cols(names) + i]
        }
        s = inverse * (beta[k] * I(n) + theta * w)
        direct = trace(s) / n
        total = sum(s) / n
        term = term \ J(3, 1, names[k])
        effect = effect \ "direct" \ "indirect" \ "total"
        value = value \ direct \ total - direct \ total
    }
    stata("clear")
    st_addobs(rows(value))
    (void) st_addvar("str32", "term")
    (void) st_addvar("str8", "effect")
    (void) st_addvar("double", "value")
    st_sstore(., "term", term)
    st_sstore(., "effect", effect)
    st_store(., "value", value)
}

fitted("`regressors'", "`lagged'", `lag_of_outcome', "`effects'", "`correction'", pairs)
end

{# Generated from catalog/ by `medpanel generate`; do not edit. #}

{% macro registry_indicators() %}
  {{ return([
    "gdp",
    "resident_population",
    "urban_population",
    "urban_share",
    "land_area",
    "budget_expenditure",
    "outpatient_visits",
    "hospital_admissions",
    "emergency_mortality_rate",
    "inpatient_mortality_rate",
    "maternal_management_rate",
    "prenatal_examination_rate",
    "newborn_visit_rate",
    "child_management_rate",
    "digital_finance_index",
    "visits_per_resident",
    "admission_rate",
    "gdp_per_capita",
    "urbanization_rate",
    "population_density",
    "budget_expenditure_per_capita",
  ]) }}
{% endmacro %}

{% macro registry_reported() %}
  {{ return([
    "gdp",
    "resident_population",
    "urban_population",
    "urban_share",
    "land_area",
    "budget_expenditure",
    "outpatient_visits",
    "hospital_admissions",
    "emergency_mortality_rate",
    "inpatient_mortality_rate",
    "maternal_management_rate",
    "prenatal_examination_rate",
    "newborn_visit_rate",
    "child_management_rate",
    "digital_finance_index",
  ]) }}
{% endmacro %}

{% macro registry_derived() %}
  {{ return([
    {"id": "visits_per_resident", "formula": "outpatient_visits / resident_population", "sql": "(outpatient_visits / nullif(resident_population, 0))", "inputs": ["outpatient_visits", "resident_population"]},
    {"id": "admission_rate", "formula": "hospital_admissions / resident_population * 100", "sql": "((hospital_admissions / nullif(resident_population, 0)) * 100)", "inputs": ["hospital_admissions", "resident_population"]},
    {"id": "gdp_per_capita", "formula": "gdp / resident_population * 10000", "sql": "((gdp / nullif(resident_population, 0)) * 10000)", "inputs": ["gdp", "resident_population"]},
    {"id": "urbanization_rate", "formula": "urban_population / resident_population * 100", "sql": "((urban_population / nullif(resident_population, 0)) * 100)", "inputs": ["urban_population", "resident_population"]},
    {"id": "population_density", "formula": "resident_population / land_area * 10000", "sql": "((resident_population / nullif(land_area, 0)) * 10000)", "inputs": ["resident_population", "land_area"]},
    {"id": "budget_expenditure_per_capita", "formula": "budget_expenditure / resident_population * 10000", "sql": "((budget_expenditure / nullif(resident_population, 0)) * 10000)", "inputs": ["budget_expenditure", "resident_population"]},
  ]) }}
{% endmacro %}

{% macro registry_fill_linear() %}
  {{ return([
    "outpatient_visits",
    "hospital_admissions",
    "emergency_mortality_rate",
    "inpatient_mortality_rate",
    "maternal_management_rate",
    "prenatal_examination_rate",
    "newborn_visit_rate",
  ]) }}
{% endmacro %}

{% macro registry_fill_carry() %}
  {{ return([
    "land_area",
  ]) }}
{% endmacro %}

{% macro registry_municipalities() %}
  {{ return([
    110000,
    120000,
    310000,
    500000,
  ]) }}
{% endmacro %}
